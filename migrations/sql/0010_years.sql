-- School years: when each was opened, became the current one and was closed; closings and how far each has come.
alter table school_years
    add column opened_at timestamptz,              -- null in all three: before this was written down
    add column current_at timestamptz,
    add column closed_at timestamptz;

-- One row for each year that is or was being closed. The year itself changes hands in the transaction that makes the
-- row: what comes after is bookkeeping, in batches, each of which moves the position on in its own transaction.
create table year_closings (
    program text not null,
    school_year text not null,
    next_year text not null,
    phase text not null check (phase in ('assignments', 'leftovers', 'accounts', 'done')),
    began_at timestamptz not null,
    closed_on date not null,                       -- the day in the state's time zone
    actor_id uuid references users,
    acting_under text,
    operator_reason text,
    request_id text,
    assignments bigint not null,                   -- how many were to expire when it began
    expired bigint not null default 0,
    inactivated bigint not null default 0,
    carried integer not null default 0,            -- roles that the directory gives, given for the next year
    at_role text not null default '',
    at_name text collate "C" not null default '',
    at_user uuid not null default '00000000-0000-0000-0000-000000000000',
    finished_at timestamptz,
    primary key (program, school_year),
    foreign key (program, school_year) references school_years,
    check ((phase = 'done') = (finished_at is not null))
);
create index year_closings_unfinished on year_closings (began_at) where phase <> 'done';

-- That an assignment was suspended when its year ended: bringing it back must not lift that.
alter table role_assignments add column was_suspended boolean not null default false;

-- Roles that aren't tied to a year are few: whoever holds one is found among millions that hold none.
create index role_assignments_timeless on role_assignments (user_id) where school_year = '';

-- Of last year's assignments, those that somebody decided not to bring back into a year.
create table not_brought_back (
    assignment_id uuid not null references role_assignments on delete cascade,
    into_year text not null,
    decided_by uuid not null references users,
    decided_at timestamptz not null,
    primary key (assignment_id, into_year)
);

-- The tree at each moment: what every organization was from when to when. `valid_to` null: it is so now.
create table organization_history (
    organization_id uuid not null references organizations,
    valid_from timestamptz not null,
    valid_to timestamptz,
    level text not null,
    parent_id uuid,
    lea_id uuid,
    code text not null,
    name text not null,
    active boolean not null,
    primary key (organization_id, valid_from)
);
create index organization_history_lea on organization_history (lea_id, valid_from);
insert into organization_history (organization_id, valid_from, level, parent_id, lea_id, code, name, active)
select id, '-infinity', level, parent_id, lea_id, code, name, active from organizations;

create function keep_organization_history() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    update organization_history h set valid_to = now() from changed c
    where h.organization_id = c.id and h.valid_to is null and h.valid_from < now()
      and (h.parent_id, h.lea_id, h.code, h.name, h.active)
          is distinct from (c.parent_id, c.lea_id, c.code, c.name, c.active);
    insert into organization_history (organization_id, valid_from, level, parent_id, lea_id, code, name, active)
    select c.id, now(), c.level, c.parent_id, c.lea_id, c.code, c.name, c.active from changed c
    where not exists (
        select from organization_history h
        where h.organization_id = c.id and h.valid_to is null
          and (h.parent_id, h.lea_id, h.code, h.name, h.active)
              is not distinct from (c.parent_id, c.lea_id, c.code, c.name, c.active))
    on conflict (organization_id, valid_from) do update set
        parent_id = excluded.parent_id, lea_id = excluded.lea_id, code = excluded.code, name = excluded.name,
        active = excluded.active, valid_to = null;
    return null;
end
$$;
create trigger organizations_made after insert on organizations
    referencing new table as changed for each statement execute function keep_organization_history();
create trigger organizations_changed after update on organizations
    referencing new table as changed for each statement execute function keep_organization_history();

-- Into which organization a closed one was merged: its people are listed for that one, and nothing is copied.
alter table organizations add column merged_into uuid references organizations;

grant select, insert, update on year_closings to hallpass_app;
grant select, insert, delete on not_brought_back to hallpass_app;
grant select, insert, update on organization_history to hallpass_app;
