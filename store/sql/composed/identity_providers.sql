-- Identity providers with their organizations and domains, put together by store/identity_providers.py.

-- name: providers
select p.id, p.organization_id, o.name as organization_name, o.code as organization_code, o.active as is_open, p.kind,
       p.issuer, p.tenant, p.client_id, p.metadata, p.metadata_at, p.proposed_by, p.proposed_at, p.confirmed_at,
       p.disabled_at, p.version,
       array(select row(d.domain, d.listed_by, d.confirmed_at) from identity_provider_domains d
             where d.provider_id = p.id order by d.domain) as domains
from identity_providers p
join organizations o on o.id = p.organization_id

-- name: by_id
{{providers}}
where p.id = $1

-- name: of_organizations
{{providers}}
where p.organization_id = any($1::uuid[])
order by p.organization_id, p.proposed_at, p.id

-- name: every
-- Those that wait for the state first: with themselves, or with one of their domains.
{{providers}}
where $2::text is null or o.code = $2
order by p.disabled_at is null desc,
         p.confirmed_at is null
         or exists (select from identity_provider_domains d where d.provider_id = p.id and d.confirmed_at is null) desc,
         p.proposed_at, p.id
limit $1
