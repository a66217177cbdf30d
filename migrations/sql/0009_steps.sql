-- Contacts, notices of what expires, SIS credentials, registered domains and registrations; student groups follow roles.

-- Whom the state writes to at an LEA: no access comes with it, so no account is needed.
create table contacts (
    organization_id uuid not null references organizations,
    kind text not null check (kind in ('special-education', 'technology')),
    user_id uuid references users,                 -- a person with an account, whose own data is shown
    first_name text,
    last_name text,
    email text,
    phone text,
    version bigint not null default 1,
    set_by uuid not null references users,
    set_at timestamptz not null,
    primary key (organization_id, kind),
    check ((user_id is null) = (last_name is not null and email is not null)),
    check (user_id is null or (first_name is null and phone is null))
);
create index contacts_user on contacts (user_id) where user_id is not null;
grant select, insert, update, delete on contacts to hallpass_app;

-- Which notices of an expiry were sent, so that each is sent once whenever the daily work runs.
create table expiry_notices (
    kind text not null check (kind in ('credential', 'sis')),
    subject_id uuid not null,
    days integer not null,                         -- the mark: so many days before; 0: it has expired
    sent_at timestamptz not null,
    primary key (kind, subject_id, days)
);
grant select, insert, delete on expiry_notices to hallpass_app;
create index credentials_expiry on credentials (expires_on);
create index credentials_lea on credentials (user_id, lea_id);

-- One client for the student information system of an LEA (S1-34). It is no relying party: nothing that looks for one
-- finds it, so that its tokens open nothing but what its own scope names.
create table sis_credentials (
    id uuid primary key,
    organization_id uuid not null references organizations,
    client_id text not null unique,
    secret_hash bytea not null,                    -- SHA-256 of a 256-bit random secret, which is shown once
    issued_by uuid not null references users,
    issued_under text not null,                    -- program/role
    issued_at timestamptz not null,
    expires_on date not null,                      -- the last day on which it is good
    revoked_at timestamptz
);
create unique index sis_credentials_one on sis_credentials (organization_id) where revoked_at is null;
create index sis_credentials_expiry on sis_credentials (expires_on) where revoked_at is null;
grant select, insert, update on sis_credentials to hallpass_app;

-- E-mail domains whose holders may register themselves for Tools for Teachers (S1-03): listed by the LEA's primary
-- coordinator, confirmed by the state.
create table registration_domains (
    id uuid primary key,
    organization_id uuid not null references organizations,
    program text not null,
    domain text not null,                          -- IDNA, small letters
    listed_by uuid not null references users,
    listed_at timestamptz not null,
    confirmed_by uuid references users,
    confirmed_at timestamptz,
    check ((confirmed_by is null) = (confirmed_at is null)),
    check (confirmed_by is distinct from listed_by)
);
create unique index registration_domains_once on registration_domains (organization_id, program, domain);
create unique index registration_domains_confirmed on registration_domains (domain) where confirmed_at is not null;
grant select, insert, update, delete on registration_domains to hallpass_app;

-- Somebody who asked to register, until the mailed link is used. No account comes of it before.
create table registrations (
    id uuid primary key,
    domain_id uuid not null references registration_domains on delete cascade,
    email text not null,
    email_key text collate "C" not null unique,
    first_name text not null,
    last_name text not null,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    token_hash bytea unique                        -- of the newest link that was mailed
);
create index registrations_expiry on registrations (expires_at);
grant select, insert, update, delete on registrations to hallpass_app;

-- Tools for Teachers registered by oneself: nobody gave it.
alter table role_assignments drop constraint role_assignments_origin_check;
alter table role_assignments add constraint role_assignments_origin_check
    check (origin in ('person', 'directory', 'operator', 'registration'));

-- What somebody signed of each version of a form stays, beside what she signs of a later one.
alter table signed_forms add column text_digest bytea;  -- SHA-256 of the text that was shown
create index signed_forms_once_user on signed_forms (program, school_year, form, user_id);

-- A student group is held by way of a role. Where the last role goes that reaches it, the group goes as well, however the
-- role went: a role that is given again later doesn't bring old groups back.
create function drop_groups_of_gone_roles() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    delete from student_group_users gu
    using gone, student_groups g
    where gu.user_id = gone.user_id and g.id = gu.group_id and g.school_year = gone.school_year
      and (g.organization_id = gone.organization_id or g.lea_id = gone.organization_id)
      and not exists (
          select from role_assignments a
          where a.user_id = gu.user_id and a.school_year = g.school_year
            and (a.organization_id = g.organization_id or a.organization_id = g.lea_id));
    return null;
end
$$;
create trigger role_assignments_groups after delete on role_assignments
    referencing old table as gone for each statement execute function drop_groups_of_gone_roles();
