-- The decision log; it is written by COPY.

-- name: delete_before
with old as (
    select id from decision_log where at < $1 order by at limit $2
), gone as (
    delete from decision_log d using old where d.id = old.id returning d.id
)
select count(*) from gone
