-- Deleted people: their data is set aside at once, and erased when the state's retention is over.

-- name: set_aside
with known as (
    select id, email, first_name, last_name, phone, fax from users where id = $1 and status <> 'deleted'
), blanked as (
    update users u set status = 'deleted', email = null, email_key = null, first_name = '', last_name = '',
        name_key = '', phone = null, fax = null, password_hash = null, password_set_at = null, version = u.version + 1
    from known where u.id = known.id
)
insert into deleted_people (user_id, deleted_at, erase_after, email, first_name, last_name, phone, fax)
select id, $2, $3, email, first_name, last_name, phone, fax from known
returning email

-- name: end_assignments
delete from role_assignments where user_id = $1 and status <> 'expired'

-- name: forget_names
update role_assignments set name_key = '' where user_id = $1

-- name: leave_groups
delete from student_group_users where user_id = $1

-- name: close_links
update account_links set used_at = $2 where user_id = $1 and used_at is null

-- name: due
select user_id from deleted_people where erased_at is null and erase_after <= $1 order by erase_after limit 100
for update skip locked

-- name: erase
update deleted_people
set erased_at = $2, email = null, first_name = null, last_name = null, phone = null, fax = null
where user_id = $1 and erased_at is null
returning true

-- name: erase_signatures
update signed_forms set signed_name = '' where user_id = $1

-- name: erase_credentials
update credentials set number = '' where user_id = $1

-- name: erase_comments
update suspensions set comment = null where user_id = $1

-- name: erase_agents
update sessions set user_agent = null where user_id = $1

-- name: forget_names_in_reviews
update access_review_items set name_key = '' where user_id = $1

-- name: leave_contacts
delete from contacts where user_id = $1

-- name: forget_identity_links
-- Whoever gets the address or the subject later is somebody else.
delete from identity_links where user_id = $1

-- name: forget_passwords
delete from earlier_passwords where user_id = $1

-- name: withdraw_consents
delete from consents where user_id = $1

-- name: end_passkey_ceremonies
delete from passkey_ceremonies where user_id = $1

-- name: forget_passkeys
delete from passkeys where user_id = $1

-- name: forget_passkey_handle
delete from passkey_handles where user_id = $1

-- name: end_factor_resets
update factor_resets set canceled_at = $2 where user_id = $1 and applied_at is null and canceled_at is null

-- name: forget_apps
delete from totp_secrets where user_id = $1

-- name: forget_recovery_codes
delete from recovery_codes where user_id = $1

-- name: forget_devices
delete from known_devices where user_id = $1

-- name: erase_contacts
-- Typed by hand, with the address that was hers; not where somebody else has it by now.
delete from contacts c using deleted_people d
where d.user_id = $1 and lower(c.email) = lower(d.email)
  and not exists (select from users u where u.email_key = lower(d.email))

-- name: erase_registrations
delete from registrations r using deleted_people d
where d.user_id = $1 and lower(r.email) = lower(d.email)
  and not exists (select from users u where u.email_key = lower(d.email))

-- name: erase_suggestions
delete from role_suggestions s using deleted_people d
where d.user_id = $1 and lower(s.email) = lower(d.email)
  and not exists (select from users u where u.email_key = lower(d.email))

-- name: erase_demo_mails
delete from demo_mails m using deleted_people d
where d.user_id = $1 and lower(m.recipient) = lower(d.email)

-- name: erase_addresses
update email_changes set new_email = null, new_email_key = null where user_id = $1

-- name: erase_reasons
update access_review_items set reason = null where user_id = $1

-- name: erase_problems
-- What a mail server answered may repeat her address.
update messages set problem = null where user_id = $1
