-- Proofs that were used: client assertions (RFC 7523) and DPoP proofs (RFC 9449).

-- name: use
insert into used_proofs (proof, expires_at)
select * from unnest($1::bytea[], $2::timestamptz[])
on conflict (proof) do nothing
returning proof;
