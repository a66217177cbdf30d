-- Questions of operation: is it alive, what time is it, is the serving role as weak as it must be.

-- name: clock
select clock_timestamp();

-- name: excessive_rights
select excess
from (values
    ('create tables', has_schema_privilege(current_user, 'hallpass', 'create')),
    ('change audit events', has_table_privilege(current_user, 'hallpass.audit_events', 'update')),
    ('delete audit events', has_table_privilege(current_user, 'hallpass.audit_events', 'delete, truncate')),
    ('change sealed batches', has_table_privilege(current_user, 'hallpass.audit_batches', 'update, delete, truncate')),
    ('rewrite history', has_table_privilege(current_user, 'hallpass.role_assignment_history', 'insert, update, delete, truncate')),
    ('do anything (it is a superuser)', (select rolsuper from pg_roles where rolname = current_user))
) as found (excess, present)
where present;
