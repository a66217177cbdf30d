-- What the state's integration administrator sees of a registration, and what she changes it against.

alter table relying_parties
    add column version integer not null default 1,
    add column changed_at timestamptz,
    add column secrets_since timestamptz[] not null default '{}';  -- one for each secret; null: from before this column
update relying_parties
set secrets_since = array_fill(null::timestamptz, array[cardinality(secret_hashes)])
where cardinality(secret_hashes) > 0;

-- Which authorizations a changed registration ends.
create index authorizations_client on authorizations (client_id) where revoked_at is null;
