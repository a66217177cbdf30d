-- What the serving role may do: read and change rows, never the schema, and of the audit trail only read and add.
grant usage on schema hallpass to hallpass_app;
grant select, insert, update, delete on all tables in schema hallpass to hallpass_app;
grant usage on all sequences in schema hallpass to hallpass_app;

revoke update, delete on audit_events from hallpass_app;
revoke insert, update, delete on alembic_version from hallpass_app;
