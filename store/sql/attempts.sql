-- Counted failures. Every statement is one row's, so that attempts at the same moment in any process count one by one.

-- name: take
-- $3 free, $4 first and $5 longest wait, $6 most or null, $7 forget or null. No row: it isn't looked at.
insert into failed_attempts as f (key, failures, last_at, open_at)
values ($1, 1, $2, $2)
on conflict (key) do update set
    failures = case when f.last_at < $2 - $7::interval then 1 else f.failures + 1 end,
    last_at = $2,
    open_at = case
        when f.last_at < $2 - $7::interval or f.failures + 1 < $3::int then $2
        else $2 + least($4::interval * power(2, least(f.failures + 1 - $3::int, 20)), $5::interval)
    end
where f.open_at <= $2 and ($6::int is null or f.failures < $6::int)
returning failures;

-- name: open_at
select failures, open_at from failed_attempts where key = $1;

-- name: give_back
update failed_attempts
set failures = greatest(failures - 1, 0), open_at = case when failures - 1 < $2::int then last_at else open_at end
where key = $1;

-- name: forget
delete from failed_attempts where key = any($1::bytea[]);
