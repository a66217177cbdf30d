-- Counted failures. Each step is one row's, so that attempts at the same moment in any process count one by one; whoever
-- holds several rows takes them in one order, the address first.

-- name: all
-- How many let the attempt pass, in their order.
with {{steps}} select {{taken}};

-- name: taken
(select count(*) from taken{{place}})

-- name: after
exists (select from taken{{place}})

-- name: take
-- $1 keys, $3 free, $4 first and $5 longest wait, $6 most or null, $7 forget or null. No row: it isn't looked at.
taken{{place}} as (
insert into failed_attempts as f (key, failures, last_at, open_at)
select ($1::bytea[])[{{place}}], 1, $2::timestamptz, $2 where {{before}}
on conflict (key) do update set
    failures = case when f.last_at < $2 - ($7::interval[])[{{place}}] then 1 else f.failures + 1 end,
    last_at = $2,
    open_at = case
        when f.last_at < $2 - ($7::interval[])[{{place}}] or f.failures + 1 < ($3::int[])[{{place}}] then $2
        else $2 + least(
            ($4::interval[])[{{place}}] * power(2, least(f.failures + 1 - ($3::int[])[{{place}}], 20)),
            ($5::interval[])[{{place}}])
    end
where f.open_at <= $2 and (($6::int[])[{{place}}] is null or f.failures < ($6::int[])[{{place}}])
returning failures)
