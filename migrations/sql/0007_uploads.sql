-- Files of people: what was sent, what it would do, and what became of it.
create table uploads (
    id uuid primary key,
    format text not null,
    program text not null,
    school_year text not null,
    file_name text not null,
    uploaded_by uuid references users,
    operator_reason text,
    acting_program text,                           -- the active role; null with an uploader: all roles that she holds
    acting_role text,
    acting_year text,
    state text not null check (state in
        ('receiving', 'received', 'validating', 'validated', 'refused', 'applying', 'applied', 'cancelled')),
    size bigint not null default 0,
    digest bytea,                                  -- SHA-256 of the file
    row_count integer not null default 0,
    counts jsonb not null default '{}',            -- rows by outcome
    problems jsonb not null default '[]',          -- the first of them, as the report has them
    as_of bigint,                                  -- access version of which validation saw everything
    plan bytea,                                    -- digest of what validation found: applying finds the same or refuses
    notes jsonb not null default '[]',             -- sentences about the file as a whole, or why it went back
    version bigint not null default 1,
    request_id text,
    created_at timestamptz not null,
    validated_at timestamptz,
    finished_at timestamptz,
    hold_mails_until timestamptz,
    mails_after bigint,                            -- audit events whose mails are still to be queued: after this one,
    mails_until bigint,                            -- up to this one
    check ((uploaded_by is null) = (operator_reason is not null)),
    check ((acting_program is null) = (acting_role is null))
);
create index uploads_by on uploads (uploaded_by, created_at desc, id);
create index uploads_waiting on uploads (created_at) where state in ('receiving', 'validating', 'applying');
create index uploads_mails on uploads (finished_at) where mails_until is not null;

-- The file as it came, and its report (compressed by the writer), in pieces that are read one by one.
create table upload_chunks (
    upload_id uuid not null references uploads on delete cascade,
    part text not null check (part in ('file', 'report')),
    number integer not null,
    data bytea not null,
    primary key (upload_id, part, number)
);
alter table upload_chunks alter column data set storage external;

-- The rows of files that are being worked on. Unlogged: whatever a crash empties is read from the file again.
create unlogged table upload_rows (
    upload_id uuid not null,
    row_number integer not null,                   -- as a spreadsheet counts
    action text not null,
    email text not null,
    email_key text collate "C" not null,
    first_name text not null,
    last_name text not null,
    name_key text collate "C" not null,
    phone text,
    role text not null,
    level text not null,
    code text not null,
    above text                                     -- the code of the LEA in which the school must lie; null: not said
);
create index upload_rows_upload on upload_rows (upload_id);

-- The same rows compared with what is stored. Rows of one kind differ in nothing that a rule looks at: they are judged together.
create unlogged table upload_found (
    upload_id uuid not null,
    row_number integer not null,
    action text not null,
    email text not null,
    email_key text collate "C" not null,
    first_name text not null,
    last_name text not null,
    name_key text collate "C" not null,            -- the account's own where there is one
    phone text,
    role text not null,
    level text not null,
    code text not null,
    organization_id uuid,                          -- null: there is no such organization
    lea_id uuid,
    user_id uuid not null,                         -- a new account's, where there is none
    user_status text,                              -- null: the account is to be made
    held_ids uuid[] not null,                      -- what the person holds there in that program and year,
    held text[] not null,                          -- in the same order
    others text[] not null,                        -- and elsewhere
    clash text not null,                           -- what is wrong among the file's own rows
    differs text not null,                         -- fields in which the account differs, which stay as they are
    assignment_id uuid not null,                   -- the new assignment's
    kind bigint not null                           -- a hash of all that a rule looks at
);
create index upload_found_upload on upload_found (upload_id, row_number);

-- How far the work on a file has come: written beside its transaction, which shows nothing before it ends.
create unlogged table upload_progress (
    upload_id uuid primary key,
    phase text not null default '',
    done integer not null default 0,
    total integer not null default 0,
    attempts integer not null default 0
);

grant select, insert, update, delete on uploads, upload_chunks, upload_rows, upload_found, upload_progress
    to hallpass_app;
