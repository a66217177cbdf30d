-- What a person let relying parties have that aren't the state's own, and in which context she went to one.

create table consents (
    id uuid primary key,
    user_id uuid not null references users,
    client_id text not null references relying_parties,
    given_at timestamptz not null,
    unique (user_id, client_id)
);
grant select, insert, update, delete on consents to hallpass_app;

-- What was shown and allowed, each kind once: another role, more scopes or other details are asked for anew.
create table consent_terms (
    consent_id uuid not null references consents on delete cascade,
    digest bytea not null,                         -- SHA-256 of the columns that follow
    scopes text[] not null,
    systems text[] not null,
    details jsonb,                                 -- RFC 9396, as the client narrowed them; null: all that the role gives
    program text,                                  -- null: all roles together
    role text,
    school_year text,
    place_id uuid references organizations,        -- the one organization to which she had narrowed the role
    allowed_at timestamptz not null,
    primary key (consent_id, digest)
);
grant select, insert, update, delete on consent_terms to hallpass_app;

-- From which role somebody went to a relying party: its next authorization request in that session is answered in it.
create table launches (
    token_hash bytea primary key,                  -- SHA-256 of 256 random bits
    session_id uuid not null references sessions on delete cascade,
    client_id text not null references relying_parties,
    program text not null,
    role text not null,
    school_year text,
    place_id uuid references organizations,
    only_by_name boolean not null default false,   -- a later one was answered: a request without a name isn't this one's
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index launches_session on launches (session_id, client_id);
grant select, insert, update, delete on launches to hallpass_app;

-- Where the person had narrowed her role to one organization, what she let a relying party have is limited to it.
alter table authorizations add column place_id uuid references organizations;
