-- Marks of callers, put together by store/marks.py: one text from everything that a caller's facts rest on. The last
-- part is always the epoch.

-- name: anybody
(select e.epoch::text from access_state e)

-- name: by_token
(select concat_ws('|', r.active, r.role_mode, r.systems, r.scopes, r.first_party, r.auth_method,
                  r.dpop_bound, r.grant_types, z.revoked_at is null, u.status, u.access_version,
                  e.epoch)
 from relying_parties r cross join access_state e
 left join (authorizations z join users u on u.id = z.user_id)
        on z.id = {{authorization}} and z.client_id = r.client_id
 where r.client_id = {{client}})

-- name: by_system
(select concat_ws('|', r.active, r.role_mode, r.systems, r.scopes, r.grant_types, r.denials, e.epoch)
 from relying_parties r cross join access_state e where r.client_id = {{client}})

-- name: by_session
(select concat_ws('|', s.id, s.ended_at is null, coalesce(s.active_program, '-'), coalesce(s.active_role, '-'),
                  coalesce(s.active_year, '-'), u.status, u.access_version, e.epoch)
 from sessions s join users u on u.id = s.user_id cross join access_state e
 where s.token_hash = {{token_hash}})

-- name: read
select {{mark}}
