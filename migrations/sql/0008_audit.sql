-- The key with which names and addresses of one person are encrypted, itself encrypted under the deployment's secret
-- key. Erasing a person empties it: the row stays, so that nobody makes her another one.
create table personal_keys (
    user_id uuid primary key,
    wrapped bytea,
    created_at timestamptz not null default now(),
    erased_at timestamptz,
    check ((wrapped is null) = (erased_at is not null))
);
grant select, insert, update on personal_keys to hallpass_app;

-- `xact`: whose end makes the event final; `subject_id`: the person whom it concerns; `personal`: by user id, encrypted.
alter table audit_events
    add column subject_id uuid,
    add column organization_id uuid,
    add column personal jsonb,
    add column xact xid8 not null default pg_current_xact_id();
create index audit_events_subject on audit_events (subject_id, id) where subject_id is not null;
create index audit_events_organization on audit_events (organization_id, id) where organization_id is not null;
drop index audit_events_target;
create index audit_events_target on audit_events (target_type, target_id, id) where subject_id is null;
create index audit_events_at on audit_events using brin (at);

-- Sealed batches of events, each upon the one before. `ids`: those of its events; every event up to `settled_id` lies in
-- this batch or one before; `horizon`: the first transaction that had not begun when it was sealed.
create table audit_batches (
    number bigint primary key check (number > 0),
    sealed_at timestamptz not null,
    ids int8multirange not null check (not isempty(ids)),
    last_id bigint not null generated always as (upper(ids) - 1) stored,
    events bigint not null check (events > 0),
    settled_id bigint not null,
    horizon bigint not null,
    previous_hash bytea not null,
    hash bytea not null,
    seal bytea not null
);
create index audit_batches_last on audit_batches (last_id);
grant select, insert on audit_batches to hallpass_app;

-- Not even the owner alters the trail by a slip of the hand.
create function refuse_alteration() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    raise exception 'The audit trail is only added to: % of % is refused.', lower(tg_op), tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_events_only_grow before update or delete or truncate on audit_events
    for each statement execute function refuse_alteration();
create trigger audit_batches_only_grow before update or delete or truncate on audit_batches
    for each statement execute function refuse_alteration();
revoke update, delete, truncate on audit_events, audit_batches from hallpass_app;
