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

-- What was so before: of each row that says who may do what, the versions that are gone, with when they began and ended
-- by the database's clock; written by triggers alone. Nothing is known of days before this table's moment.
create table history_state (
    singleton boolean primary key default true check (singleton),
    begins_at timestamptz not null default now()
);
insert into history_state default values;

alter table role_assignments add column known_since timestamptz not null default now();
alter table signed_forms add column known_since timestamptz not null default now();
alter table credentials add column known_since timestamptz not null default now();
alter table student_groups add column known_since timestamptz not null default now();
alter table student_group_users add column known_since timestamptz not null default now();
alter table student_group_members add column known_since timestamptz not null default now();
alter table users add column status_since timestamptz not null default now();

create table role_assignment_history (
    id uuid not null,
    user_id uuid not null,
    program text not null,
    role text not null,
    school_year text not null,
    organization_id uuid not null,
    lea_id uuid,
    status text not null,
    was_suspended boolean not null,
    "primary" boolean not null,
    origin text not null,
    assigned_by uuid,
    assigned_under text,
    assigned_at timestamptz not null,
    last_day date,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);
create index role_assignment_history_id on role_assignment_history (id);
create index role_assignment_history_user on role_assignment_history (user_id);
create index role_assignment_history_organization on role_assignment_history (organization_id, valid_to);
create index role_assignment_history_lea on role_assignment_history (lea_id, valid_to);

create table user_status_history (
    user_id uuid not null,
    status text not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);
create index user_status_history_user on user_status_history (user_id);

create table signed_form_history (
    user_id uuid not null,
    program text not null,
    form text not null,
    school_year text not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);
create index signed_form_history_user on signed_form_history (user_id);

create table credential_history (
    id uuid not null,
    user_id uuid not null,
    lea_id uuid not null,
    expires_on date not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);
create index credential_history_user on credential_history (user_id);

create table student_group_history (
    id uuid not null,
    organization_id uuid not null,
    lea_id uuid,
    school_year text not null,
    name text not null,
    name_key text collate "C" not null,
    subject text,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);
create index student_group_history_id on student_group_history (id);

create table student_group_user_history (
    group_id uuid not null,
    user_id uuid not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);
create index student_group_user_history_user on student_group_user_history (user_id);
create index student_group_user_history_group on student_group_user_history (group_id);

create table student_group_member_history (
    group_id uuid not null,
    member_key bytea not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);
create index student_group_member_history_key on student_group_member_history (member_key);
create index student_group_member_history_group on student_group_member_history (group_id);

create table pack_history (
    program text not null,
    from_year text not null,
    source text not null,
    digest bytea not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null
);

-- The end of a school year is no change of its assignments: the year's own dates tell it, and a million rows stay alone.
create function keep_assignment() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    if old.known_since < now() then
        insert into role_assignment_history
        values (old.id, old.user_id, old.program, old.role, old.school_year, old.organization_id, old.lea_id,
            old.status, old.was_suspended, old."primary", old.origin, old.assigned_by, old.assigned_under,
            old.assigned_at, old.last_day, old.known_since, now());
    end if;
    new.known_since := now();
    return new;
end
$$;
create trigger role_assignments_kept before update on role_assignments
    for each row when (
        (old.user_id, old.program, old.role, old.school_year, old.organization_id, old.lea_id, old."primary",
         old.assigned_by, old.assigned_under, old.assigned_at, old.last_day)
        is distinct from
        (new.user_id, new.program, new.role, new.school_year, new.organization_id, new.lea_id, new."primary",
         new.assigned_by, new.assigned_under, new.assigned_at, new.last_day)
        or (old.status <> new.status and new.status <> 'expired'))
    execute function keep_assignment();

create function keep_gone_assignments() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    insert into role_assignment_history
    select id, user_id, program, role, school_year, organization_id, lea_id, status, was_suspended, "primary", origin,
        assigned_by, assigned_under, assigned_at, last_day, known_since, now()
    from gone where known_since < now();
    return null;
end
$$;
create trigger role_assignments_gone after delete on role_assignments
    referencing old table as gone for each statement execute function keep_gone_assignments();

-- Between active and inactive an account moves by its roles alone: whoever holds one is active.
create function keep_user_status() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    if old.status_since < now() then
        insert into user_status_history values (old.id, old.status, old.status_since, now());
    end if;
    new.status_since := now();
    return new;
end
$$;
create trigger users_status_kept before update on users
    for each row when (old.status <> new.status
                       and not (old.status in ('active', 'inactive') and new.status in ('active', 'inactive')))
    execute function keep_user_status();

create function keep_signed_forms() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    insert into signed_form_history
    select user_id, program, form, school_year, known_since, now() from gone where known_since < now();
    return null;
end
$$;
create trigger signed_forms_gone after delete on signed_forms
    referencing old table as gone for each statement execute function keep_signed_forms();

create function keep_credentials() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    insert into credential_history
    select id, user_id, lea_id, expires_on, known_since, now() from gone where known_since < now();
    return null;
end
$$;
create trigger credentials_gone after delete on credentials
    referencing old table as gone for each statement execute function keep_credentials();
create function keep_credential() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    if old.known_since < now() then
        insert into credential_history
        values (old.id, old.user_id, old.lea_id, old.expires_on, old.known_since, now());
    end if;
    new.known_since := now();
    return new;
end
$$;
create trigger credentials_kept before update on credentials
    for each row when ((old.user_id, old.lea_id, old.expires_on)
                       is distinct from (new.user_id, new.lea_id, new.expires_on))
    execute function keep_credential();

create function keep_student_groups() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    insert into student_group_history
    select id, organization_id, lea_id, school_year, name, name_key, subject, known_since, now()
    from gone where known_since < now();
    return null;
end
$$;
create trigger student_groups_gone after delete on student_groups
    referencing old table as gone for each statement execute function keep_student_groups();
create function keep_student_group() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    if old.known_since < now() then
        insert into student_group_history
        values (old.id, old.organization_id, old.lea_id, old.school_year, old.name, old.name_key, old.subject,
            old.known_since, now());
    end if;
    new.known_since := now();
    return new;
end
$$;
create trigger student_groups_kept before update on student_groups
    for each row when ((old.organization_id, old.lea_id, old.school_year)
                       is distinct from (new.organization_id, new.lea_id, new.school_year))
    execute function keep_student_group();

create function keep_group_users() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    insert into student_group_user_history
    select group_id, user_id, known_since, now() from gone where known_since < now();
    return null;
end
$$;
create trigger student_group_users_gone after delete on student_group_users
    referencing old table as gone for each statement execute function keep_group_users();

create function keep_group_members() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    insert into student_group_member_history
    select group_id, member_key, known_since, now() from gone where known_since < now();
    return null;
end
$$;
create trigger student_group_members_gone after delete on student_group_members
    referencing old table as gone for each statement execute function keep_group_members();

create function keep_pack() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    if old.loaded_at < now() then
        insert into pack_history values (old.program, old.from_year, old.source, old.digest, old.loaded_at, now());
    end if;
    new.loaded_at := now();
    return new;
end
$$;
create trigger packs_kept before update on packs
    for each row when (old.digest <> new.digest) execute function keep_pack();
create function keep_gone_packs() returns trigger language plpgsql security definer set search_path = hallpass, pg_temp as $$
begin
    insert into pack_history
    select program, from_year, source, digest, loaded_at, now() from gone where loaded_at < now();
    return null;
end
$$;
create trigger packs_gone after delete on packs
    referencing old table as gone for each statement execute function keep_gone_packs();

grant select on history_state, role_assignment_history, user_status_history, signed_form_history, credential_history,
    student_group_history, student_group_user_history, student_group_member_history, pack_history to hallpass_app;

-- How many people held each role, and had each system, at and below an organization: a row for each run of days on
-- which the number was the same. `to_day` null: it still is.
create table daily_counts (
    organization_id uuid not null references organizations,
    kind text not null check (kind in ('role', 'system')),
    program text not null,
    school_year text not null,
    name text not null,
    from_day date not null,
    to_day date,
    people integer not null check (people > 0),
    primary key (organization_id, kind, program, school_year, name, from_day)
);
create index daily_counts_now on daily_counts (organization_id, kind, program, school_year, name)
    where to_day is null;
grant select, insert, update, delete on daily_counts to hallpass_app;
