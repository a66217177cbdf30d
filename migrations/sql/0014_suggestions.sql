-- What a student information system suggests: a person's role at an organization. It gives nothing until it is accepted.
-- Names and addresses are kept while nobody has decided; whom a decision was about is known by a keyed hash from then on,
-- so that the next set doesn't bring back what was dismissed. The LEA is the organization's own, wherever it moves.
create table role_suggestions (
    id uuid primary key,
    program text not null,
    school_year text not null,
    organization_id uuid not null references organizations,
    person_key bytea not null,                     -- keyed hash of the address
    role text,                                     -- null: the set suggests none
    source_role text not null,                     -- as the set writes it: teacher
    source_row integer not null,                   -- of users.csv in the newest set
    email text,
    email_key text collate "C",
    first_name text,
    last_name text,
    name_key text collate "C" not null default '',
    phone text,
    state text not null default 'open' check (state in ('open', 'accepted', 'dismissed', 'superseded')),
    sent_by uuid not null references users,
    sent_at timestamptz not null,
    seen_on date not null,                         -- the last day on which a set contained it
    decided_by uuid references users,
    decided_at timestamptz,
    assignment_id uuid,                            -- what became of it; the assignment may be gone by now
    user_id uuid references users,
    unique nulls not distinct (organization_id, program, school_year, person_key, role),
    check ((state = 'open') = (email is not null and email_key is not null and last_name is not null)),
    check (state = 'open' or (first_name is null and phone is null and name_key = '')),
    check ((state = 'accepted') = (assignment_id is not null and user_id is not null)),
    check ((state = 'open') = (decided_at is null))
);
create index role_suggestions_listed on role_suggestions
    (organization_id, program, school_year, state, name_key, id);
create index role_suggestions_seen on role_suggestions (seen_on);
create index role_suggestions_email on role_suggestions (email_key) where email_key is not null;
grant select, insert, update, delete on role_suggestions to hallpass_app;
