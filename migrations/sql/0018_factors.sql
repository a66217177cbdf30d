-- Second factors, sign-ins that wait for one, known devices, counted failures.

-- One that counts and, while it is being set up, the one that will take its place.
create table totp_secrets (
    user_id uuid not null references users,
    confirmed boolean not null,
    sealed bytea not null,                         -- under the deployment's key, bound to the person
    last_step bigint not null default 0,           -- each 30-second step is good once (RFC 6238, 5.2)
    made_at timestamptz not null,
    primary key (user_id, confirmed)
);

create table recovery_codes (
    user_id uuid not null references users,
    code_hash bytea not null,                      -- SHA-256 of 120 random bits
    made_at timestamptz not null,
    used_at timestamptz,
    primary key (user_id, code_hash)
);

-- The browser's cookie as SHA-256; several people may use one browser.
create table known_devices (
    id uuid primary key,
    user_id uuid not null references users,
    token_hash bytea not null,
    user_agent text,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    unique (token_hash, user_id)
);
create index known_devices_user on known_devices (user_id, last_seen_at);

-- Somebody has proved one thing and not yet the other: it grants nothing, lives minutes and is used once.
create table pending_sign_ins (
    id uuid primary key,
    token_hash bytea not null unique,
    user_id uuid not null references users,
    session_id uuid references sessions on delete cascade,   -- the session that is to become stronger
    amr text[] not null,
    lea_id uuid references organizations,
    provider_id uuid,
    step text not null check (step in ('second-step', 'set-up', 'code')),
    wanted boolean not null,                       -- whoever sent her here asks for a second step
    by_mail boolean not null,
    short_password boolean not null,
    old_password boolean not null,
    onward text not null,
    tries integer not null default 0,
    code_hash bytea,                               -- of the code that was sent by e-mail
    code_until timestamptz,
    code_tries integer not null default 0,
    codes_sent integer not null default 0,
    code_asked_at timestamptz,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index pending_sign_ins_user on pending_sign_ins (user_id);
create index pending_sign_ins_session on pending_sign_ins (session_id) where session_id is not null;
create index pending_sign_ins_expired on pending_sign_ins (expires_at);

-- A proof is worth nothing once the password or the standing of the account is another.
create function end_pending_sign_ins() returns trigger language plpgsql as $$
begin
    delete from pending_sign_ins where user_id = new.id;
    return null;
end $$;
create trigger end_pending_sign_ins after update of password_hash, status on users for each row
    when (old.password_hash is distinct from new.password_hash or old.status is distinct from new.status)
    execute function end_pending_sign_ins();

-- Consecutive failures by a keyed hash of what they are counted for: an account, a device of hers, an address.
create table failed_attempts (
    key bytea primary key,
    failures integer not null,
    last_at timestamptz not null,
    open_at timestamptz not null                   -- the next attempt is looked at from then on
);
create index failed_attempts_last on failed_attempts (last_at);

grant select, insert, update, delete on
    totp_secrets, recovery_codes, known_devices, pending_sign_ins, failed_attempts to hallpass_app;
