-- Requests counted by spans of time, in the table of attempts: there too a row is found by a keyed hash, and purged.

-- name: count
-- $3 most, $4 span; open_at is when the span ends. No row: the span is full.
insert into failed_attempts as f (key, failures, last_at, open_at)
values ($1, 1, $2::timestamptz, $2::timestamptz + $4::interval)
on conflict (key) do update set
    failures = case when f.open_at <= $2 then 1 else f.failures + 1 end,
    last_at = $2,
    open_at = case when f.open_at <= $2 then $2 + $4::interval else f.open_at end
where f.open_at <= $2 or f.failures < $3::int
returning failures;

-- name: ends_at
select open_at from failed_attempts where key = $1;
