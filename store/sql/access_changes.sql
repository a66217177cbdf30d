-- What changed whose access. A version's rows are read and removed together: who has seen one has seen all.

-- name: since
select s.version as current, s.epoch, coalesce((select min(version) from access_changes), s.version + 1) as kept_from,
       c.version, c.user_id, c.roles
from access_state s
left join (select version, user_id, roles from access_changes where version > $1 order by version limit $2) c on true
order by c.version

-- name: purge
with oldest as (
    select version, at from access_changes order by version limit $2
)
delete from access_changes where version <= (select max(version) from oldest where at < $1)
