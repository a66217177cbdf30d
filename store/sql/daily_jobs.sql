-- Which day's work of each daily job is finished, and how far an unfinished one came.

-- name: ensure
insert into daily_jobs (name) values ($1) on conflict do nothing

-- name: begin
select case when day = $2 then position end as position
from daily_jobs
where name = $1 and (finished_day is null or finished_day < $2)
for update skip locked

-- name: advance
update daily_jobs set day = $2, position = $3 where name = $1

-- name: finish
update daily_jobs set finished_day = $2, day = null, position = null where name = $1

-- name: last_finished
select finished_day from daily_jobs where name = $1
