-- Keys that sign tokens: published, signing from and until, published a little longer.

-- name: published
select kid, alg, public_jwk, private_key, created_at, signs_from, signs_until, published_until
from signing_keys
where published_until is null or published_until > $1
order by signs_from, kid;

-- name: retired
select kid, alg, public_jwk
from signing_keys
where published_until <= $1 and signs_until > $2
order by signs_from, kid;

-- name: lock
select pg_advisory_xact_lock(hashtext('hallpass.signing_keys'));

-- name: insert
insert into signing_keys (kid, alg, public_jwk, private_key, created_at, signs_from) values ($1, $2, $3, $4, $5, $6);

-- name: retire
update signing_keys set signs_until = $3, published_until = $4
where alg = $1 and kid <> $2 and (signs_until is null or signs_until > $3);
