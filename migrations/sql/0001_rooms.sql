-- The first schema. Names are those of the domain; keys that sort or compare people are computed in Python and stored
-- COLLATE "C" (email_key, name_key), so that every server orders alike.

-- One row. `version` grows with each change of access, under this row's lock until commit, so that a larger version
-- contains everything smaller; `epoch` is the version of the last change that may concern everybody.
create table access_state (
    singleton boolean primary key default true check (singleton),
    version bigint not null default 1,
    epoch bigint not null default 1
);
insert into access_state default values;

create table packs (
    program text not null,
    from_year text not null default '',            -- '' for a pack that is not tied to a year
    source text not null,                          -- the TOML as loaded
    digest bytea not null,
    loaded_at timestamptz not null default now(),
    primary key (program, from_year)
);

create table school_years (
    program text not null,
    school_year text not null check (school_year ~ '^\d{4}-\d{2}$'),
    status text not null check (status in ('upcoming', 'current', 'closed')),
    primary key (program, school_year)
);
create unique index school_years_one_current on school_years (program) where status = 'current';
create unique index school_years_one_upcoming on school_years (program) where status = 'upcoming';

create table organizations (
    id uuid primary key,
    level text not null check (level in ('state', 'lea', 'school')),
    parent_id uuid references organizations,
    lea_id uuid references organizations,
    code text not null,
    name text not null,
    name_key text collate "C" not null,
    funding text check (funding in ('direct', 'local')),   -- charters only
    active boolean not null default true,
    version bigint not null default 1,
    check ((level = 'state') = (parent_id is null)),
    check ((level = 'state') = (lea_id is null)),
    check (level <> 'lea' or lea_id = id),
    check (level <> 'school' or lea_id = parent_id)
);
create unique index organizations_one_state on organizations (level) where level = 'state';
create unique index organizations_level_code on organizations (level, code);
create index organizations_parent on organizations (parent_id, name_key, id);
create index organizations_lea on organizations (lea_id, name_key, id);
create index organizations_name on organizations (name_key, id);

-- A code with the days on which it was an organization's; `valid_to` is the last such day.
create table organization_codes (
    organization_id uuid not null references organizations,
    level text not null,
    code text not null,
    valid_from date not null,
    valid_to date,
    primary key (organization_id, valid_from)
);
create unique index organization_codes_current on organization_codes (level, code) where valid_to is null;

create table users (
    id uuid primary key,
    email text,
    email_key text collate "C",
    first_name text not null,
    last_name text not null,
    name_key text collate "C" not null,
    phone text,
    fax text,
    status text not null check (status in ('invited', 'active', 'inactive', 'suspended', 'deleted')),
    password_hash text,
    access_version bigint not null default 1,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    last_sign_in_at timestamptz,
    check ((email is null) = (email_key is null)),
    check (email is not null or status = 'deleted')
);
create unique index users_email_key on users (email_key);
create index users_name on users (name_key, id);

create table role_assignments (
    id uuid primary key,
    user_id uuid not null references users,
    program text not null,
    role text not null,
    school_year text not null,                     -- '' for roles of a pack that is not tied to a year
    organization_id uuid not null references organizations,
    lea_id uuid references organizations,          -- copied from the organization: the page query reads no other table
    name_key text collate "C" not null,            -- copied from the user, for the same reason
    status text not null check (status in ('active', 'suspended', 'expired')),
    "primary" boolean not null default false,
    origin text not null check (origin in ('person', 'directory', 'operator')),
    assigned_by uuid references users,
    assigned_under text,                           -- the role under which the giver acted
    assigned_at timestamptz not null default now(),
    last_day date,
    check ((origin = 'person') = (assigned_by is not null))
);
create unique index role_assignments_once on role_assignments (user_id, program, school_year, organization_id, role);
create unique index role_assignments_one_primary on role_assignments (lea_id, program, school_year)
    where "primary" and status = 'active';
create index role_assignments_lea on role_assignments (lea_id, program, school_year, name_key, user_id);
create index role_assignments_organization on role_assignments (organization_id, program, school_year, name_key, user_id);
create index role_assignments_role on role_assignments (program, school_year, role, name_key, user_id);

create table student_groups (
    id uuid primary key,
    organization_id uuid not null references organizations,
    lea_id uuid references organizations,
    school_year text not null,
    name text not null,
    name_key text collate "C" not null,
    subject text,
    student_count integer not null default 0 check (student_count >= 0),
    version bigint not null default 1
);
create unique index student_groups_name on student_groups (organization_id, school_year, name_key);

-- Members are kept as keyed hashes only: no student record exists here.
create table student_group_members (
    group_id uuid not null references student_groups on delete cascade,
    member_key bytea not null,
    primary key (group_id, member_key)
);
create index student_group_members_key on student_group_members (member_key);

create table student_group_users (
    group_id uuid not null references student_groups on delete cascade,
    user_id uuid not null references users,
    assigned_by uuid references users,
    assigned_at timestamptz not null default now(),
    primary key (group_id, user_id)
);
create index student_group_users_user on student_group_users (user_id);

create table signed_forms (
    user_id uuid not null references users,
    program text not null,
    form text not null,
    school_year text not null,
    form_version text not null,
    signed_name text not null,
    signed_at timestamptz not null default now(),
    primary key (user_id, program, form, school_year)
);

create table credentials (
    id uuid primary key,
    user_id uuid not null references users,
    lea_id uuid not null references organizations,
    number text not null,
    expires_on date not null,                      -- the last day on which it is good
    recorded_by uuid references users,
    recorded_at timestamptz not null default now()
);
create index credentials_user on credentials (user_id);

create table systems (
    code text primary key,
    label text not null,
    resource_uri text not null unique              -- the audience of tokens for it (RFC 8707)
);

create table relying_parties (
    client_id text primary key,
    label text not null,
    systems text[] not null check (cardinality(systems) > 0),
    auth_method text not null check (auth_method in ('client_secret_basic', 'client_secret_post', 'none')),
    secret_hashes bytea[] not null default '{}',   -- SHA-256 of 256-bit random secrets; two during a rotation
    redirect_uris text[] not null default '{}',
    post_logout_redirect_uris text[] not null default '{}',
    grant_types text[] not null,
    scopes text[] not null,
    role_mode text not null default 'active-role' check (role_mode in ('active-role', 'union')),
    id_token_alg text not null default 'RS256' check (id_token_alg in ('RS256', 'ES256')),
    first_party boolean not null default false,
    launch_uri text,
    active boolean not null default true,
    created_at timestamptz not null default now()
);

create table sessions (
    id uuid primary key,
    token_hash bytea not null unique,
    user_id uuid not null references users,
    auth_time timestamptz not null,
    acr text not null,
    amr text[] not null,
    active_program text,
    active_role text,
    active_year text,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,               -- absolute
    ended_at timestamptz,
    user_agent text
);
create index sessions_user on sessions (user_id) where ended_at is null;

-- What a person let a relying party have: the root of its codes, access and refresh tokens.
create table authorizations (
    id uuid primary key,
    client_id text not null references relying_parties,
    user_id uuid not null references users,
    session_id uuid references sessions,
    scope text not null,
    resource text not null,                        -- the audience of its access tokens
    requested_details jsonb,                       -- RFC 9396, as the client narrowed them
    nonce text,
    auth_time timestamptz not null,
    acr text not null,
    amr text[] not null,
    active_program text,
    active_role text,
    active_year text,
    created_at timestamptz not null,
    expires_at timestamptz not null,               -- absolute end of its refresh tokens
    revoked_at timestamptz,
    revoked_why text
);
create index authorizations_user on authorizations (user_id) where revoked_at is null;

create table authorization_codes (
    code_hash bytea primary key,
    authorization_id uuid not null references authorizations on delete cascade,
    redirect_uri text not null,
    code_challenge text not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table refresh_tokens (
    token_hash bytea primary key,
    authorization_id uuid not null references authorizations on delete cascade,
    issued_at timestamptz not null,
    used_at timestamptz
);
create index refresh_tokens_authorization on refresh_tokens (authorization_id);

create table signing_keys (
    kid text primary key,
    alg text not null check (alg in ('RS256', 'ES256')),
    public_jwk jsonb not null,
    private_key bytea not null,                    -- encrypted with the key of HALLPASS_SECRET_KEY
    created_at timestamptz not null,
    signs_from timestamptz not null,
    signs_until timestamptz,
    published_until timestamptz
);

-- Single-use links: an invitation lives 30 days, a reset 15 minutes.
create table account_links (
    token_hash bytea primary key,
    user_id uuid not null references users,
    purpose text not null check (purpose in ('invitation', 'reset')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index account_links_user on account_links (user_id);

create table idempotency_keys (
    actor_id uuid not null references users,
    mutation text not null,
    key text not null,
    input_digest bytea not null,
    result_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (actor_id, mutation, key)
);

-- Written in the transaction of the change it tells of; ids, never names or addresses.
create table audit_events (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    actor_id uuid,
    actor_client text,
    acting_under text,                             -- program/role
    operator_reason text,
    action text not null,
    outcome text not null check (outcome in ('allowed', 'denied')),
    target_type text not null,
    target_id text not null,
    before jsonb,
    after jsonb,
    rule text,
    reason text,
    request_id text
);
create index audit_events_target on audit_events (target_type, target_id, id);
create index audit_events_actor on audit_events (actor_id, id);

-- Directory files that were applied, with their report.
create table directory_imports (
    id uuid primary key,
    digest bytea not null,
    applied_at timestamptz not null default now(),
    operator_reason text,
    actor_id uuid references users,
    report jsonb not null
);
