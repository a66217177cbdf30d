-- All that is kept of one person, one statement for each section; hashes and secrets stay out.

-- name: account
select to_jsonb(u) - 'password_hash' - 'email_key' - 'name_key' - 'access_version' as row from users u where id = $1

-- name: set_aside_after_deletion
select to_jsonb(d) as row from deleted_people d where user_id = $1

-- name: roles
select to_jsonb(a) - 'name_key' as row from role_assignments a where user_id = $1 order by assigned_at, id

-- name: earlier_roles
select to_jsonb(a) as row from role_assignment_history a where user_id = $1 order by valid_from, id

-- name: earlier_statuses
select to_jsonb(s) as row from user_status_history s where user_id = $1 order by valid_from

-- name: former_roles
select to_jsonb(f) as row from former_roles f where user_id = $1 order by program, role, school_year

-- name: suspensions
select to_jsonb(s) as row from suspensions s where user_id = $1 order by suspended_at, id

-- name: changes_of_address
select to_jsonb(c) - 'new_email_key' as row from email_changes c where user_id = $1 order by requested_at, id

-- name: released_addresses
select to_jsonb(r) - 'address_hash' as row from released_addresses r where user_id = $1 order by released_at

-- name: earlier_passwords
select jsonb_build_object('set_at', set_at) as row from earlier_passwords where user_id = $1 order by set_at

-- name: signed_forms
select to_jsonb(f) - 'text_digest' as row from signed_forms f where user_id = $1 order by signed_at, program, form

-- name: earlier_forms
select to_jsonb(f) as row from signed_form_history f where user_id = $1 order by valid_from

-- name: credentials
select to_jsonb(c) as row from credentials c where user_id = $1 order by recorded_at, id

-- name: earlier_credentials
select to_jsonb(c) as row from credential_history c where user_id = $1 order by valid_from

-- name: student_groups
select to_jsonb(g) as row from student_group_users g where user_id = $1 order by assigned_at, group_id

-- name: earlier_student_groups
select to_jsonb(g) as row from student_group_user_history g where user_id = $1 order by valid_from

-- name: contact_of
select to_jsonb(c) as row from contacts c where user_id = $1 order by organization_id, kind

-- name: district_sign_ins
select to_jsonb(l) as row from identity_links l where user_id = $1 order by linked_at, id

-- name: sessions
select to_jsonb(s) - 'token_hash' as row from sessions s where user_id = $1 order by created_at, id

-- name: authorizations
select to_jsonb(a) - 'nonce' - 'told' as row from authorizations a where user_id = $1 order by created_at, id

-- name: logout_notices
select to_jsonb(n) - 'sending_by' - 'sending_until' as row from logout_notices n where user_id = $1
order by created_at, id

-- name: consents
select to_jsonb(c) || (to_jsonb(t) - 'digest' - 'consent_id') as row
from consents c join consent_terms t on t.consent_id = c.id
where c.user_id = $1 order by c.client_id, t.allowed_at

-- name: ways_into_systems
select to_jsonb(l) - 'token_hash' as row from launches l join sessions s on s.id = l.session_id
where s.user_id = $1 order by l.created_at, l.client_id

-- name: links
select to_jsonb(l) - 'token_hash' as row from account_links l where user_id = $1 order by created_at, purpose

-- name: authenticator_app
select jsonb_build_object('made_at', made_at, 'confirmed', confirmed) as row from totp_secrets where user_id = $1

-- name: recovery_codes
select jsonb_build_object('made_at', made_at, 'used_at', used_at) as row from recovery_codes where user_id = $1
order by made_at, used_at

-- name: passkeys
select to_jsonb(p) - 'public_key' as row from passkeys p where user_id = $1 order by added_at, id

-- name: removals_of_factors
select to_jsonb(r) as row from factor_resets r where user_id = $1 order by requested_at, id

-- name: known_browsers
select to_jsonb(d) - 'token_hash' as row from known_devices d where user_id = $1 order by first_seen_at, id

-- name: last_failed_sign_in
select to_jsonb(f) as row from sign_in_failures f where user_id = $1

-- name: mails
select to_jsonb(m) - 'sending_by' - 'sending_until' as row from messages m where user_id = $1 order by created_at, id

-- name: uploads
select to_jsonb(u) - 'digest' - 'plan' as row from uploads u where uploaded_by = $1 order by created_at, id

-- name: rows_of_files
select to_jsonb(f) - 'email_key' - 'name_key' as row from upload_found f where user_id = $1
order by upload_id, row_number

-- name: reviews
select to_jsonb(i) - 'name_key' as row from access_review_items i where user_id = $1 order by review_id, id

-- name: suggested_roles
select to_jsonb(s) - 'person_key' - 'email_key' - 'name_key' as row from role_suggestions s where user_id = $1
order by sent_at, id

-- name: decisions
select to_jsonb(d) as row from decision_log d where subject = $1 or asker_user = $1 order by at, id limit 10000

-- name: requests
select to_jsonb(c) as row from second_confirmations c where user_id = $1 or asked_by = $1 order by asked_at, id

-- name: audit
select to_jsonb(e) - 'xact' - 'personal' as row, e.personal from audit_events e
where e.subject_id = $1 or e.actor_id = $1 or (e.target_type = 'user' and e.target_id = $1::text)
order by e.id limit 50000
