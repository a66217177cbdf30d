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
