-- Counted failures; how one is counted stands in `composed/attempts.sql`.

-- name: open_at
select failures, open_at from failed_attempts where key = $1;

-- name: succeeded
-- $1 keys that are forgotten, $2 keys that get one attempt back, $3 what is free in each of these. An address comes
-- before an account, as when attempts are counted: in another order two of them would wait for each other.
with given_back as (
    update failed_attempts f
    set failures = greatest(f.failures - 1, 0),
        open_at = case when f.failures - 1 < back.free then f.last_at else f.open_at end
    from unnest($2::bytea[], $3::int[]) as back (key, free)
    where f.key = back.key
    returning f.key
)
delete from failed_attempts where key = any($1::bytea[]) and (select count(*) from given_back) >= 0;
