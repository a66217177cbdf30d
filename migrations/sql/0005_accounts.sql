-- The life of an account: suspensions, changes of address, released addresses, deleted people, earlier passwords.

-- Who suspended what, acting under which assignment, and who lifted it. `assignment_id` null: the account as a whole.
create table suspensions (
    id uuid primary key,
    user_id uuid not null references users,
    assignment_id uuid,                            -- no reference: the assignment may be taken away, this stays
    comment text,
    author_id uuid references users,               -- null: an operator, or a rule (`why`)
    author_program text,
    author_role text,
    author_primary boolean not null default false,
    author_year text,
    author_organization_id uuid references organizations,
    why text not null default 'person' check (why in ('person', 'credential', 'operator')),
    prior_status text check (prior_status in ('invited', 'active', 'inactive')),
    suspended_at timestamptz not null,
    lifted_at timestamptz,
    lifted_by uuid references users,
    check ((assignment_id is null) = (prior_status is not null)),
    check ((why = 'person') = (author_id is not null))
);
create unique index suspensions_of_account on suspensions (user_id) where assignment_id is null and lifted_at is null;
create unique index suspensions_of_assignment on suspensions (assignment_id)
    where assignment_id is not null and lifted_at is null;
create index suspensions_user on suspensions (user_id, suspended_at);

-- Changes of address. Confirmed from both addresses, it is applied at once; where the old one is lost, it waits.
create table email_changes (
    id uuid primary key,
    user_id uuid not null references users,
    new_email text,                                -- gone with the person's data
    new_email_key text collate "C",
    old_lost boolean not null,
    requested_by uuid not null references users,
    requested_at timestamptz not null,
    expires_at timestamptz not null,               -- not confirmed until then: it lapses
    old_confirmed_at timestamptz,
    new_confirmed_at timestamptz,
    takes_effect_at timestamptz,                   -- where the old address is lost: not before
    applied_at timestamptz,
    canceled_at timestamptz
);
create unique index email_changes_open on email_changes (user_id) where applied_at is null and canceled_at is null;
create index email_changes_due on email_changes (takes_effect_at)
    where applied_at is null and canceled_at is null and takes_effect_at is not null;

-- Addresses that somebody had: kept as keyed hashes, blocked for others until the day.
create table released_addresses (
    address_hash bytea not null,
    user_id uuid not null references users,
    released_at timestamptz not null,
    blocked_until timestamptz not null,
    primary key (address_hash, user_id)
);

-- What is kept of deleted people until the state's retention is over; nothing but erasing reads it.
create table deleted_people (
    user_id uuid primary key references users,
    deleted_at timestamptz not null,
    erase_after timestamptz not null,
    erased_at timestamptz,
    email text,
    first_name text,
    last_name text,
    phone text,
    fax text
);
create index deleted_people_due on deleted_people (erase_after) where erased_at is null;

-- Earlier passwords, where the profile forbids using them again.
create table earlier_passwords (
    user_id uuid not null references users,
    set_at timestamptz not null,
    password_hash text not null,
    primary key (user_id, password_hash)
);

alter table users add column password_set_at timestamptz;

-- Versions that clients send back are GraphQL's Int.
alter table users alter column version type integer;
alter table student_groups alter column version type integer;
alter table organizations alter column version type integer;
alter table role_assignments add column version integer not null default 1;

alter table account_links drop constraint account_links_purpose_check;
alter table account_links add constraint account_links_purpose_check
    check (purpose in ('invitation', 'reset', 'email-old', 'email-new', 'email-stop'));
alter table account_links add column email_change_id uuid references email_changes;

grant select, insert, update on suspensions, email_changes, released_addresses, deleted_people to hallpass_app;
grant delete on released_addresses to hallpass_app;
grant select, insert, delete on earlier_passwords to hallpass_app;

-- The night after somebody's last day looks for her by it.
create index role_assignments_last_day on role_assignments (last_day, user_id) where last_day is not null;
