-- Access reviews: every role of an organization looked at by a day, answered by those who may take it away (S1-27).

create table access_reviews (
    id uuid primary key,
    program text not null,
    school_year text not null,
    organization_id uuid not null references organizations,
    lea_id uuid references organizations,          -- copied from the organization, as in role_assignments
    due_on date not null,                          -- the last day
    unanswered text not null check (unanswered in ('suspend', 'keep')),
    started_by uuid not null references users,
    started_under text,
    started_at timestamptz not null,
    reminded integer[] not null default '{}',      -- the marks, in days before the last one, that were told
    closing_at timestamptz,                        -- from here on nothing is answered; the unanswered are being settled
    closed_at timestamptz,
    foreign key (program, school_year) references school_years,
    check (closed_at is null or closing_at is not null)
);
create unique index access_reviews_open on access_reviews (program, organization_id) where closed_at is null;
create index access_reviews_due on access_reviews (due_on) where closed_at is null;
create index access_reviews_started on access_reviews (started_at desc, id desc);

-- What is said of the assignment is as it was when the review began: the assignment itself may be gone.
create table access_review_items (
    id uuid primary key,
    review_id uuid not null references access_reviews,
    assignment_id uuid not null,                   -- no reference: the assignment may be taken away, this stays
    user_id uuid not null references users,
    program text not null,
    school_year text not null,
    role text not null,
    organization_id uuid not null references organizations,
    lea_id uuid references organizations,
    name_key text collate "C" not null,
    "primary" boolean not null,
    status text not null,
    last_day date,
    answer text check (answer in ('keep', 'remove')),
    reason text,
    answered_by uuid references users,
    answered_under text,
    answered_at timestamptz,
    outcome text check (outcome in ('suspended', 'left', 'gone')),  -- of what nobody answered, when the review closed
    check ((answer is null) = (answered_at is null)),
    check ((answer is null) = (answered_by is null)),
    check (answer is null or outcome is null)
);
create unique index access_review_items_once on access_review_items (review_id, assignment_id);
create index access_review_items_name on access_review_items (review_id, name_key, user_id, id);
create index access_review_items_lea on access_review_items (review_id, lea_id, name_key, user_id, id);
create index access_review_items_organization on access_review_items (review_id, organization_id, name_key, user_id, id);
create index access_review_items_unsettled on access_review_items (review_id, id)
    where answer is null and outcome is null;
create index access_review_items_user on access_review_items (user_id);
create index access_review_items_place on access_review_items (organization_id);

-- A school that moves takes its items along, so that they are seen and answered from where it lies now.
create function move_review_items() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    update access_reviews set lea_id = new.lea_id where organization_id = new.id;
    update access_review_items set lea_id = new.lea_id where organization_id = new.id;
    return null;
end
$$;
create trigger organizations_move_reviews after update of lea_id on organizations
    for each row when (old.lea_id is distinct from new.lea_id) execute function move_review_items();

-- Lists are sorted by the name as it is now, and by none once the person is deleted.
create function rename_review_items() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    update access_review_items set name_key = new.name_key where user_id = new.id;
    return null;
end
$$;
create trigger users_rename_reviews after update of name_key on users
    for each row when (old.name_key is distinct from new.name_key) execute function rename_review_items();

alter table suspensions drop constraint suspensions_why_check;
alter table suspensions add constraint suspensions_why_check
    check (why in ('person', 'credential', 'operator', 'review'));

grant select, insert, update on access_reviews, access_review_items to hallpass_app;
