-- Logout notices to relying parties (OpenID Connect Back-Channel Logout 1.0), queued by triggers: whatever ends a session
-- queues them in its own transaction, and nobody can forget it. What ends the sessions of an account that stops counting
-- stands here for the same reason; pages, files, jobs and commands all change accounts.

-- One relying party to be told that one session is over; the token is made when it is sent.
create table logout_notices (
    id uuid primary key default gen_random_uuid(),
    session_id uuid not null references sessions on delete cascade,
    user_id uuid not null references users,
    client_id text not null references relying_parties,
    state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed', 'dead', 'dropped')),
    attempts integer not null default 0,
    created_at timestamptz not null default now(),
    sending_by uuid,
    sending_until timestamptz,
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    sent_at timestamptz,
    answer_code integer,                           -- the HTTP status of the last answer
    problem text
);
create unique index logout_notices_pending on logout_notices (session_id, client_id) where state in ('queued', 'failed');
create index logout_notices_user on logout_notices (user_id);
create index logout_notices_created on logout_notices (created_at);
grant select, insert, update, delete on logout_notices to hallpass_app;

create index authorizations_session on authorizations (session_id);

-- For these relying parties of a session, each notice with its job. One that waits already says the same.
create function queue_logout_notices(of_session uuid, of_user uuid, to_clients text[]) returns void
language sql set search_path = hallpass, pg_temp as $$
    with made as (
        insert into logout_notices (session_id, user_id, client_id)
        select of_session, of_user, r.client_id from relying_parties r
        where r.client_id = any(to_clients) and r.active and r.backchannel_logout_uri is not null
        on conflict (session_id, client_id) where state in ('queued', 'failed') do nothing
        returning id
    ), jobs as (
        insert into pgqueuer (priority, entrypoint, payload, status)
        select 30, 'logout-notice', uuid_send(id), 'queued' from made
        returning id, priority
    )
    insert into pgqueuer_log (job_id, status, entrypoint, priority)
    select id, 'queued', 'logout-notice', priority from jobs
$$;

-- An authorization that has reached the end of its life is nobody's any more: a party that still trusts it ignored that.
create function tell_of_ended_session() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
declare
    clients text[] := array(
        select distinct client_id from authorizations where session_id = new.id and expires_at > new.ended_at);
begin
    if cardinality(clients) > 0 then
        perform queue_logout_notices(new.id, new.user_id, clients);
    end if;
    return null;
end
$$;
create trigger sessions_ended after update of ended_at on sessions
    for each row when (old.ended_at is null and new.ended_at is not null) execute function tell_of_ended_session();

-- The session goes on, but what this one relying party got from it ended, since the person has nothing there any more or
-- took her consent back.
create function tell_of_ended_access() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    perform queue_logout_notices(new.session_id, new.user_id, array[new.client_id]);
    return null;
end
$$;
create trigger authorizations_ended after update of revoked_at on authorizations
    for each row when (old.revoked_at is null and new.revoked_at is not null and new.session_id is not null
                       and new.revoked_why in ('access ended', 'consent-withdrawn'))
    execute function tell_of_ended_access();

-- Two statements: an authorization that is being made has locked its session, and is seen after that.
create function end_sessions_of(users uuid[], why text) returns void
language plpgsql set search_path = hallpass, pg_temp as $$
declare
    ended boolean;
begin
    update sessions set ended_at = now() where user_id = any(users) and ended_at is null;
    ended := found;
    update authorizations set revoked_at = now(), revoked_why = why where user_id = any(users) and revoked_at is null;
    if ended or found then
        perform pg_notify('hallpass_access', '-');
    end if;
end
$$;

-- Of people who may be very many, those for whom there is something to end.
create function signed_in_among(users uuid[]) returns uuid[]
language sql stable set search_path = hallpass, pg_temp as $$
    select array(
        select t.id from unnest(users) t (id)
        where exists (select from sessions s where s.user_id = t.id and s.ended_at is null)
           or exists (select from authorizations z where z.user_id = t.id and z.revoked_at is null))
$$;

-- An account that isn't active any more: suspended, deleted, or without a role. By statement: the end of a school year
-- makes a hundred thousand accounts inactive, nearly all of them signed out.
create function end_sessions_of_inactive() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
declare
    one record;
begin
    for one in
        select n.status, array_agg(n.id) as users from after_change n join before_change o on o.id = n.id
        where o.status = 'active' and n.status <> 'active' group by n.status
    loop
        perform end_sessions_of(signed_in_among(one.users), one.status);
    end loop;
    return null;
end
$$;
create trigger users_inactive after update on users
    referencing old table as before_change new table as after_change
    for each statement execute function end_sessions_of_inactive();

-- An account that stays active, but none of whose current roles counts: each is suspended, or at a closed organization.
create function without_counting_role(users uuid[]) returns uuid[]
language sql stable set search_path = hallpass, pg_temp as $$
    select array(
        select t.id from unnest(users) t (id)
        join lateral (
            select bool_or(a.status = 'active' and o.active) as counts
            from role_assignments a
            join organizations o on o.id = a.organization_id
            where a.user_id = t.id and a.status <> 'expired' and (a.school_year = '' or exists (
                select from school_years y
                where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming')))
        ) held on not held.counts)
$$;

-- Each change of somebody's access writes this down last, when all else of its transaction is done.
create function end_sessions_without_role() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
declare
    users uuid[] := without_counting_role(signed_in_among(array(
        select user_id from told where user_id is not null)));
begin
    if cardinality(users) > 0 then
        perform end_sessions_of(users, 'inactive');
    end if;
    return null;
end
$$;
create trigger access_changes_without_role after insert on access_changes
    referencing new table as told for each statement execute function end_sessions_without_role();

create function end_sessions_of_closed() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
declare
    users uuid[] := without_counting_role(signed_in_among(array(
        select distinct user_id from role_assignments where organization_id = new.id and status = 'active')));
begin
    if cardinality(users) > 0 then
        perform end_sessions_of(users, 'inactive');
    end if;
    return null;
end
$$;
create trigger organizations_closed after update of active on organizations
    for each row when (old.active and not new.active) execute function end_sessions_of_closed();

-- Access tokens of systems for themselves that were revoked (RFC 7009), until they expire; a person's token is revoked
-- with its authorization. The counter is part of what a remembered caller rests on.
create table denied_tokens (
    jti uuid primary key,
    client_id text not null references relying_parties,
    expires_at timestamptz not null
);
grant select, insert, delete on denied_tokens to hallpass_app;
alter table relying_parties add column denials integer not null default 0;

-- What a relying party that learns of changes by back-channel logout was told last, as a digest; null for all others.
alter table authorizations add column told bytea;
create index authorizations_told on authorizations (user_id) where told is not null and revoked_at is null;

-- Whose access changed, where such a party knows her: whether what it was told still holds is worked out by a job.
create function look_at_told_access() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    with concerned as (
        select distinct uuid_send(z.user_id) as payload from changed c join authorizations z on z.user_id = c.user_id
        where z.told is not null and z.revoked_at is null
        union all
        select ''::bytea where exists (select from changed where user_id is null)
                           and exists (select from authorizations where told is not null and revoked_at is null)
    ), jobs as (
        insert into pgqueuer (priority, entrypoint, payload, status)
        select 10, 'changed-access', payload, 'queued' from concerned
        returning id, priority
    )
    insert into pgqueuer_log (job_id, status, entrypoint, priority)
    select id, 'queued', 'changed-access', priority from jobs;
    return null;
end
$$;
create trigger access_changes_told after insert on access_changes
    referencing new table as changed for each statement execute function look_at_told_access();
