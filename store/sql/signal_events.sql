-- What happened: put in order, expanded for each stream, forgotten when every stream has it.

-- name: any_new
select exists (select from signal_events where seq is null)

-- name: lock_order
-- One at a time: what is numbered next is read after whoever numbered before has committed.
select last from signal_order for update

-- name: number
-- Two changes of one person wait for each other, so that their ids follow in the order of their commits.
with waiting as (
    select id, row_number() over (order by id) as n
    from (select id from signal_events where seq is null order by id limit $1) w
), numbered as (
    update signal_events e set seq = o.last + w.n from waiting w cross join signal_order o where e.id = w.id
    returning 1
)
update signal_order set last = last + (select count(*) from numbered)

-- name: expand
-- The next events of a stream, for those of its people whom they concern: who has or had a role that gives something
-- in its systems ($5), and of sessions those from which the client was let in.
with candidates as (
    select e.*, sum(coalesce(cardinality(e.users), 1)) over (order by e.seq) as people
    from (select * from signal_events where seq > (select position from signal_streams where id = $1)
          order by seq limit $6) e
), portion as (
    select * from candidates where people <= $7 or seq = (select min(seq) from candidates)
), wanted as (
    select * from unnest($5::text[], $8::text[], $9::text[]) as w (program, role, school_year)
), told as (
    insert into signal_deliveries (stream_id, jti, kind, user_id, session_id, details, txn, at, issued_at)
    select $1, gen_random_uuid(), p.kind, u.user_id, u.session_id, p.details, p.txn, p.at, $4
    from portion p
    left join lateral unnest(p.users, p.sessions) with ordinality as u (user_id, session_id, n) on true
    where p.kind = any($3::text[]) and (p.users is null or (
        not exists (select from signal_removed_subjects x where x.stream_id = $1 and x.user_id = u.user_id)
        and (p.sessions is null or exists (
            select from authorizations a where a.session_id = u.session_id and a.client_id = $2))
        and (exists (
                select from role_assignments h join wanted w using (program, role, school_year)
                where h.user_id = u.user_id)
            or exists (
                select from former_roles f join wanted w using (program, role, school_year)
                where f.user_id = u.user_id))))
    order by p.seq, u.n
    returning 1
)
update signal_streams set position = coalesce((select max(seq) from portion), position) where id = $1
returning (select count(*) from told) as told, (select count(*) from portion) as expanded

-- name: forget_told
delete from signal_events where id in (
    select id from signal_events
    where seq <= coalesce((select min(position) from signal_streams where status <> 'disabled'),
                          (select last from signal_order))
    limit $1)
