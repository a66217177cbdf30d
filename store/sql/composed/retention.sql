-- What is purged by age, put together by store/retention.py.

-- name: purge
with old as (
    delete from {{table}} where ({{key}}) in (
        select {{key}} from {{table}} {{beside}} where {{old}} limit {{most}}) returning 1)
select count(*) from old
