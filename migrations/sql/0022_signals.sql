-- Shared Signals: the streams of relying parties, what happened, and what each stream has still to tell.

create table signal_streams (
    id uuid primary key,
    client_id text not null unique references relying_parties on delete cascade,
    method text not null check (method in ('push', 'poll')),
    endpoint_url text,                             -- where events are pushed to
    sealed_header bytea,                           -- the Authorization header that the receiver asks for, encrypted
    events_requested text[] not null,
    description text,
    status text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
    status_by text not null default 'receiver' check (status_by in ('receiver', 'administrator', 'transmitter')),
    reason text,
    position bigint not null,                      -- of the last event that was expanded for this stream
    created_at timestamptz not null,
    changed_at timestamptz not null,
    verification_at timestamptz,                   -- when one was asked for last
    failures integer not null default 0,           -- in a row
    next_attempt_at timestamptz,
    last_error text,                               -- a code, never what the receiver wrote
    failed_at timestamptz,
    delivered bigint not null default 0,
    delivered_at timestamptz,
    working_by uuid,                               -- the process that pushes, believed alive until then
    working_until timestamptz,
    check ((method = 'push') = (endpoint_url is not null)),
    check (method = 'push' or sealed_header is null)
);

-- What happened, written by triggers in the transaction of what happened. `seq` is given out later, in one order for
-- all streams: an event that becomes visible late never comes before one that was told already.
create table signal_events (
    id bigint generated always as identity primary key,
    seq bigint unique,
    kind text not null,
    users uuid[],                                  -- null: everybody
    sessions uuid[],                               -- beside `users`, where a session is meant
    details jsonb not null default '{}',
    txn uuid not null default md5(pg_current_xact_id()::text || now()::text)::uuid,
    at timestamptz not null default clock_timestamp()
);
create index signal_events_new on signal_events (id) where seq is null;

create table signal_order (
    singleton boolean primary key default true check (singleton),
    last bigint not null default 0
);
insert into signal_order default values;

-- What a stream has to tell, in order of `number`; deleted when the receiver has it. What it refused stays for a while.
create table signal_deliveries (
    number bigint generated always as identity primary key,
    stream_id uuid not null references signal_streams on delete cascade,
    jti uuid not null,
    kind text not null,
    user_id uuid,                                  -- null: everybody, or the stream itself
    session_id uuid,
    details jsonb not null,
    txn uuid not null,
    at timestamptz not null,                       -- when it happened
    issued_at timestamptz not null,
    attempts integer not null default 0,
    dead_at timestamptz,
    error text
);
create index signal_deliveries_waiting on signal_deliveries (stream_id, number) where dead_at is null;
create unique index signal_deliveries_jti on signal_deliveries (stream_id, jti);
create index signal_deliveries_dead on signal_deliveries (dead_at) where dead_at is not null;

-- People of whom a receiver doesn't want to hear.
create table signal_removed_subjects (
    stream_id uuid not null references signal_streams on delete cascade,
    user_id uuid not null references users on delete cascade,
    primary key (stream_id, user_id)
);

-- An event stands for up to so many people: what concerns a million is written in a thousand rows.
create function signal_part(place bigint) returns bigint language sql immutable as $$ select (place - 1) / 1000 $$;

create function signals_wanted() returns boolean language sql stable set search_path = hallpass, pg_temp as $$
    select exists (select from signal_streams where status <> 'disabled')
$$;

create function signal_accounts() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    if not signals_wanted() then
        return null;
    end if;
    insert into signal_events (kind, users, details)
    select kind, array_agg(user_id order by user_id), details
    from (
        select h.place, h.kind, h.details, n.id as user_id,
            signal_part(row_number() over (partition by h.place, h.details order by n.id)) as part
        from after n join before o on o.id = n.id
        cross join lateral (values
            (1, 'identifier-changed', '{}'::jsonb, n.email_key is distinct from o.email_key and n.status <> 'deleted'),
            (2, 'credential-change', '{"type": "password", "change": "revoke"}',
                o.password_hash is not null and n.password_hash is null and n.status <> 'deleted'),
            (3, 'credential-change', jsonb_build_object('type', 'password', 'change',
                    case when o.password_hash is null and o.password_set_at is null then 'create' else 'update' end),
                n.password_hash is not null and n.password_set_at is distinct from o.password_set_at),
            (4, 'account-disabled', '{}', o.status = 'active' and n.status in ('inactive', 'suspended')),
            (5, 'account-enabled', '{}', o.status in ('inactive', 'suspended') and n.status = 'active'),
            (6, 'account-purged', '{}', o.status <> 'deleted' and n.status = 'deleted')
        ) h (place, kind, details, happened)
        where h.happened
    ) one
    group by place, kind, details, part
    order by place, part;
    return null;
end
$$;
create trigger users_signal after update on users
    referencing old table as before new table as after for each statement execute function signal_accounts();

create function signal_sessions() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    if not signals_wanted() then
        return null;
    end if;
    insert into signal_events (kind, users, sessions, details)
    select kind, array_agg(user_id order by user_id, id), array_agg(id order by user_id, id), details
    from (
        select h.place, h.kind, h.details, n.user_id, n.id,
            signal_part(row_number() over (partition by h.place, h.details order by n.user_id, n.id)) as part
        from after n join before o on o.id = n.id
        cross join lateral (values
            (1, 'assurance-level-change', jsonb_build_object('from', o.acr, 'to', n.acr),
                n.ended_at is null and n.acr is distinct from o.acr),
            (2, 'session-revoked', '{}'::jsonb, o.ended_at is null and n.ended_at is not null)
        ) h (place, kind, details, happened)
        where h.happened
    ) one
    group by place, kind, details, part
    order by place, part;
    return null;
end
$$;
create trigger sessions_signal after update on sessions
    referencing old table as before new table as after for each statement execute function signal_sessions();

-- Everything that changes what somebody may do ends by writing here: roles, forms, credentials, years, packs, places.
create function signal_access() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    if not signals_wanted() then
        return null;
    end if;
    insert into signal_events (kind, users, details)
    select 'token-claims-change', array_agg(user_id order by user_id) filter (where user_id is not null),
        jsonb_build_object('version', version)
    from (
        select version, user_id, signal_part(row_number() over (partition by version order by user_id)) as part
        from told
    ) one
    group by version, user_id is null, part
    order by version, part;
    return null;
end
$$;
create trigger access_changes_signal after insert on access_changes
    referencing new table as told for each statement execute function signal_access();

-- From now on the address that was hers may be somebody else's. Which address it was is known as a keyed hash only.
create function signal_released_addresses() returns trigger language plpgsql
    set search_path = hallpass, pg_temp as $$
begin
    if not signals_wanted() then
        return null;
    end if;
    if tg_op = 'UPDATE' then
        insert into signal_events (kind, users)
        select 'identifier-recycled', array_agg(distinct n.user_id)
        from after n join before o on (o.address_hash, o.user_id) = (n.address_hash, n.user_id)
        where n.blocked_until < o.blocked_until
        having count(*) > 0;
    else
        insert into signal_events (kind, users)
        select 'identifier-recycled', array_agg(user_id)
        from (
            select user_id, signal_part(row_number() over (order by user_id)) as part
            from (select distinct user_id from before) people
        ) one
        group by part;
    end if;
    return null;
end
$$;
create trigger released_addresses_signal after update on released_addresses
    referencing old table as before new table as after for each statement execute function signal_released_addresses();
create trigger released_addresses_forgotten after delete on released_addresses
    referencing old table as before for each statement execute function signal_released_addresses();

-- A passkey that lives in a device says so by its transport.
create function signal_passkeys() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    if not signals_wanted() then
        return null;
    end if;
    insert into signal_events (kind, users, details)
    select 'credential-change', array[c.user_id], jsonb_build_object(
        'type', case when 'internal' = any(c.transports) then 'fido2-platform' else 'fido2-roaming' end,
        'change', case tg_op when 'INSERT' then 'create' else 'delete' end)
    from changed c join users u on u.id = c.user_id
    where u.status <> 'deleted'
    order by c.added_at;
    return null;
end
$$;
create trigger passkeys_added_signal after insert on passkeys
    referencing new table as changed for each statement execute function signal_passkeys();
create trigger passkeys_removed_signal after delete on passkeys
    referencing old table as changed for each statement execute function signal_passkeys();

-- An authenticator app counts from when it was confirmed; new recovery codes take the place of those before.
create function signal_apps() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    if not signals_wanted() then
        return null;
    end if;
    if tg_op = 'UPDATE' then
        insert into signal_events (kind, users, details)
        select 'credential-change', array[n.user_id], '{"type": "app", "change": "create"}'
        from after n
        where n.confirmed and not exists (select from before o where o.user_id = n.user_id and o.confirmed);
    else
        insert into signal_events (kind, users, details)
        select 'credential-change', array[o.user_id], '{"type": "app", "change": "delete"}'
        from before o join users u on u.id = o.user_id
        where o.confirmed and u.status <> 'deleted';
    end if;
    return null;
end
$$;
create trigger totp_confirmed_signal after update on totp_secrets
    referencing old table as before new table as after for each statement execute function signal_apps();
create trigger totp_removed_signal after delete on totp_secrets
    referencing old table as before for each statement execute function signal_apps();

create function signal_recovery_codes() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    if signals_wanted() then
        insert into signal_events (kind, users, details)
        select distinct 'credential-change', array[user_id], '{"type": "recovery-codes", "change": "create"}'::jsonb
        from made;
    end if;
    return null;
end
$$;
create trigger recovery_codes_signal after insert on recovery_codes
    referencing new table as made for each statement execute function signal_recovery_codes();

grant select, insert, update, delete on signal_streams, signal_events, signal_deliveries, signal_removed_subjects
    to hallpass_app;
grant select, update on signal_order to hallpass_app;
