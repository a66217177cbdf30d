-- Identity providers of districts: registrations, the e-mail domains that are theirs, links of people, sign-ins under way.
create table identity_providers (
    id uuid primary key,
    organization_id uuid not null references organizations,    -- the LEA whose people it knows, and no others
    kind text not null check (kind in ('google', 'entra', 'classlink', 'clever', 'generic')),
    issuer text not null,                                      -- as the provider's own metadata write it
    tenant text not null default '',                           -- whose people at an issuer that serves many; '' elsewhere
    client_id text not null,
    sealed_secret bytea not null,                              -- encrypted under the deployment's secret key
    metadata jsonb not null,                                   -- what its discovery said that is used
    metadata_at timestamptz not null,
    proposed_by uuid not null references users,
    proposed_at timestamptz not null,
    confirmed_by uuid references users,
    confirmed_at timestamptz,
    disabled_by uuid references users,
    disabled_at timestamptz,
    version bigint not null default 1,
    check ((confirmed_by is null) = (confirmed_at is null)),
    check ((disabled_by is null) = (disabled_at is null)),
    check (confirmed_by is distinct from proposed_by)
);
create index identity_providers_of on identity_providers (organization_id);
-- Two LEAs never share a provider's people: of one issuer and tenant there is one that counts. Google has one issuer
-- without tenants for all, and tells people apart by their domain, which is one LEA's.
create unique index identity_providers_once on identity_providers
    (issuer, tenant,
     (case when kind = 'google' then organization_id else '00000000-0000-0000-0000-000000000000'::uuid end))
    where confirmed_at is not null and disabled_at is null;
grant select, insert, update on identity_providers to hallpass_app;

create table identity_provider_domains (
    id uuid primary key,
    provider_id uuid not null references identity_providers,
    domain text collate "C" not null,                          -- IDNA, small letters
    listed_by uuid not null references users,
    listed_at timestamptz not null,
    confirmed_by uuid references users,
    confirmed_at timestamptz,
    unique (provider_id, domain),
    check ((confirmed_by is null) = (confirmed_at is null)),
    check (confirmed_by is distinct from listed_by)
);
create unique index identity_provider_domains_confirmed on identity_provider_domains (domain)
    where confirmed_at is not null;
grant select, insert, update, delete on identity_provider_domains to hallpass_app;

-- Who a subject of a provider is here: by (issuer, subject) alone, never by an address. No claim is kept.
create table identity_links (
    id uuid primary key,
    provider_id uuid not null references identity_providers,
    issuer text not null,
    subject text collate "C" not null,
    user_id uuid not null references users,
    linked_at timestamptz not null,
    last_used_at timestamptz,
    unique (issuer, subject),
    unique (provider_id, user_id)
);
create index identity_links_user on identity_links (user_id);
grant select, insert, update, delete on identity_links to hallpass_app;

-- A way to a provider and back, for ten minutes: bound to one browser, used once.
create table identity_sign_ins (
    state_hash bytea primary key,
    browser_hash bytea not null,
    provider_id uuid not null references identity_providers,
    purpose text not null check (purpose in ('sign-in', 'link', 'invitation')),
    session_id uuid references sessions on delete cascade,     -- link: in which session it was begun
    invitation bytea,                                          -- invitation: its token's hash
    nonce text not null,
    code_verifier text not null,
    onward text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    check ((purpose = 'link') = (session_id is not null)),
    check ((purpose = 'invitation') = (invitation is not null))
);
create index identity_sign_ins_expire on identity_sign_ins (expires_at);
create index identity_sign_ins_session on identity_sign_ins (session_id);
grant select, insert, update, delete on identity_sign_ins to hallpass_app;

-- Which provider a session came through: it ends with the provider, and with the link.
alter table sessions add column provider_id uuid references identity_providers;
create index sessions_provider on sessions (provider_id) where provider_id is not null and ended_at is null;

-- A file that is sent in such a session is judged and applied inside the same LEA.
alter table uploads add column lea_id uuid references organizations;
