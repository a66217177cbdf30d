-- Who subjects of districts' providers are here, the sessions that came through them, and sign-ins under way.

-- name: user_of
select l.id, l.user_id, u.status, l.linked_at, u.password_hash is not null as has_password
from identity_links l
join users u on u.id = l.user_id
where l.provider_id = $1 and l.issuer = $2 and l.subject = $3

-- name: hold
-- Whoever disables the provider waits until the transaction ends, and then finds the session that is begun in it.
select true from identity_providers p
where p.id = $1 and p.confirmed_at is not null and p.disabled_at is null
  and exists (select from identity_links l where l.provider_id = p.id and l.user_id = $2)
for share of p

-- name: link
insert into identity_links (id, provider_id, issuer, subject, user_id, linked_at) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing

-- name: links_of
select l.id, l.provider_id, o.name as organization_name, p.kind, l.linked_at, l.last_used_at,
       p.confirmed_at is not null and p.disabled_at is null and o.active as counts
from identity_links l
join identity_providers p on p.id = l.provider_id
join organizations o on o.id = p.organization_id
where l.user_id = $1
order by l.linked_at, l.id

-- name: unlink
delete from identity_links where id = $1 and user_id = $2 returning provider_id

-- name: accept
update users set status = 'active', last_sign_in_at = $2, version = version + 1
where id = $1 and status = 'invited'
returning true

-- name: sessions_through
-- Those of one person (with $2) or of everybody that came through the provider, also too old ones: what came from them
-- may live on.
select id from sessions
where provider_id = $1 and ended_at is null and ($2::uuid is null or user_id = $2)
order by id
for update

-- name: end_pending_through
delete from pending_sign_ins where provider_id = $1 and ($2::uuid is null or user_id = $2)

-- name: usable_at
-- Active people's providers: what /account offers to link.
select distinct p.id, o.name as organization_name, p.kind
from role_assignments a
join organizations o on o.id = a.lea_id and o.active
join identity_providers p on p.organization_id = o.id and p.confirmed_at is not null and p.disabled_at is null
where a.user_id = $1 and a.status <> 'expired'
order by o.name, p.id

-- name: signed_in
-- As for a password: locked for share, and the time isn't written down while a file is applied to the account.
with account as materialized (
    select id from users where id = $1 and status = 'active' for share
), free as materialized (
    select u.id from users u where u.id in (select id from account) for no key update of u skip locked
), noted as (
    update users u set last_sign_in_at = $2 from free where u.id = free.id
), used as (
    update identity_links set last_used_at = $2 where id = $3 and user_id = $1
)
select exists (select from account)

-- name: begin
-- Each new one clears away some that lapsed: nobody fills the table by setting out and never coming back.
with lapsed as (
    delete from identity_sign_ins where state_hash in (
        select state_hash from identity_sign_ins where expires_at < $10 limit 20 for update skip locked)
)
insert into identity_sign_ins (state_hash, browser_hash, provider_id, purpose, session_id, invitation, nonce,
                               code_verifier, onward, created_at, expires_at, fresh_after, acr)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: take
delete from identity_sign_ins
where state_hash = $1 and browser_hash = $2 and provider_id = $3
returning purpose, session_id, invitation, nonce, code_verifier, onward, expires_at, fresh_after, acr
