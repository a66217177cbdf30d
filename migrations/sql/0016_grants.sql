-- Pushed authorization requests, and proofs that were used: client assertions and DPoP proofs.

-- Each is good once, in all processes together: whoever inserts the row was first.
create table used_proofs (
    proof bytea primary key check (octet_length(proof) = 32),  -- SHA-256 of its kind, whose it is, and its jti
    expires_at timestamptz not null                            -- when it would be refused by its age anyway
);
create index used_proofs_expires on used_proofs (expires_at);

create table pushed_requests (
    request_hash bytea primary key check (octet_length(request_hash) = 32),  -- SHA-256 of the request URI's last part
    client_id text not null references relying_parties on delete cascade,
    parameters jsonb not null,
    expires_at timestamptz not null,               -- until then it must have come to the authorize endpoint
    ends_at timestamptz not null,                  -- until then the person must have answered
    opened_at timestamptz,
    used_at timestamptz                            -- a code was given for it
);
create index pushed_requests_ends on pushed_requests (ends_at);

grant select, insert, delete on used_proofs to hallpass_app;
grant select, insert, update, delete on pushed_requests to hallpass_app;

-- One number that grows with each change of a registration or a system's address, in the same transaction: what a
-- process remembers of them is true while this is still the number that it was read with.
create table registration_state (
    only_row boolean primary key default true check (only_row),
    version bigint not null
);
insert into registration_state (version) values (1);

create function registrations_changed() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    update registration_state set version = version + 1;
    return null;
end
$$;
create trigger relying_parties_changed after insert or update or delete or truncate on relying_parties
    for each statement execute function registrations_changed();
create trigger systems_changed after insert or update or delete or truncate on systems
    for each statement execute function registrations_changed();

grant select, update on registration_state to hallpass_app;
