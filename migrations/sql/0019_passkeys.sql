-- Passkeys, the ceremonies in which they are made and used, and the reset of an account whose factors are all lost.

-- By what authenticators know a person: random, never her id or address (WebAuthn Level 3, 14.6.1).
create table passkey_handles (
    user_id uuid primary key references users,
    handle bytea not null unique check (octet_length(handle) = 32)
);

create table passkeys (
    id uuid primary key,
    user_id uuid not null references users,
    credential_id bytea not null unique check (octet_length(credential_id) between 1 and 1023),
    public_key bytea not null,                     -- COSE_Key (RFC 9053)
    sign_count bigint not null,
    backup_eligible boolean not null,              -- may live on several devices
    backed_up boolean not null,
    transports text[] not null,
    aaguid uuid not null,                          -- which kind of authenticator, as it says
    name text not null,
    added_at timestamptz not null,
    last_used_at timestamptz,
    copied_at timestamptz                          -- its counter went back: somebody else may have a copy
);
create index passkeys_user on passkeys (user_id, added_at);

-- A challenge lives minutes and is answered once. `bound_to`: the hash of the cookie, session or pending sign-in.
create table passkey_ceremonies (
    purpose text not null check (purpose in ('add', 'enter', 'step')),
    bound_to bytea not null,
    challenge bytea not null,
    user_id uuid references users,                 -- null: whoever has a passkey (`enter`)
    expires_at timestamptz not null,
    primary key (purpose, bound_to),
    check ((purpose = 'enter') = (user_id is null))
);
create index passkey_ceremonies_expired on passkey_ceremonies (expires_at);

-- Removal of every factor of a person who lost them all: asked for by somebody entitled, confirmed from the address on
-- file, and a day later.
create table factor_resets (
    id uuid primary key,
    user_id uuid not null references users,
    requested_by uuid not null references users,
    requested_at timestamptz not null,
    takes_effect_at timestamptz not null,
    expires_at timestamptz not null,               -- not confirmed until then: it lapses
    confirmed_at timestamptz,
    applied_at timestamptz,
    canceled_at timestamptz
);
create unique index factor_resets_open on factor_resets (user_id) where applied_at is null and canceled_at is null;
create index factor_resets_requested on factor_resets (requested_at);

alter table account_links drop constraint account_links_purpose_check;
alter table account_links add constraint account_links_purpose_check check (purpose in
    ('invitation', 'reset', 'email-old', 'email-new', 'email-stop', 'factors-confirm', 'factors-stop'));
alter table account_links add column factor_reset_id uuid references factor_resets;

grant select, insert on passkey_handles to hallpass_app;
grant select, insert, update, delete on passkeys, passkey_ceremonies to hallpass_app;
grant select, insert, update, delete on factor_resets to hallpass_app;
grant delete on passkey_handles to hallpass_app;
