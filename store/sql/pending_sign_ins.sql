-- Sign-ins that wait for a second step or a code.

-- name: begin
insert into pending_sign_ins (id, token_hash, user_id, session_id, amr, lea_id, provider_id, step, wanted, by_mail,
                              short_password, old_password, onward, created_at, expires_at, proved_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: present
select p.*, u.email, u.first_name, u.last_name
from pending_sign_ins p
join users u on u.id = p.user_id and u.status = 'active'
where p.token_hash = $1 and p.expires_at > $2;

-- name: try
update pending_sign_ins set tries = tries + 1 where id = $1 and tries < $2 returning tries;

-- name: use_up
delete from pending_sign_ins where id = $1 returning true;

-- name: ask_for_code
update pending_sign_ins p set code_asked_at = $2, codes_sent = codes_sent + 1
where id = $1 and codes_sent < $3 and (code_asked_at is null or code_asked_at <= $4)
  and (select coalesce(sum(o.codes_sent), 0) from pending_sign_ins o
       where o.user_id = p.user_id and o.code_asked_at > $5) < $6
returning true;

-- name: put_code
update pending_sign_ins set code_hash = $2, code_until = $3, code_tries = 0
where id = $1 and expires_at > $4 and step = 'code'
returning true;

-- name: try_code
update pending_sign_ins set code_tries = code_tries + 1
where id = $1 and code_hash is not null and code_until > $2 and code_tries < $3
returning code_hash;

-- name: move_on
update pending_sign_ins set step = $2, by_mail = by_mail or step = 'code' where id = $1 returning true;
