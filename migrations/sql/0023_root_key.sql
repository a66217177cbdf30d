-- What is sealed or hashed with a key hangs on one random key, kept here under the deployment's secret key: so that one
-- can change, and only this row is encrypted anew. Keyed hashes (of students' numbers, of released addresses) couldn't be
-- made again from anything that is kept.
create table root_key (
    singleton boolean primary key default true check (singleton),
    sealed bytea not null,
    sealed_at timestamptz not null default now()
);
grant select, insert, update on root_key to hallpass_app;
