-- What changed whose access, in the order of access versions: written with each new version, kept for a month.
create table access_changes (
    version bigint not null,
    user_id uuid,                                  -- null: everybody's may have changed
    roles text[] not null default '{}',            -- 'program role year' of each role that the person has or had
    at timestamptz not null default now(),
    unique nulls not distinct (version, user_id)
);

-- Roles that a person had: whoever was told of her must be told that they are gone, however they went.
create table former_roles (
    user_id uuid not null references users on delete cascade,
    program text not null,
    role text not null,
    school_year text not null,
    primary key (user_id, program, role, school_year)
);

create function keep_deleted_roles() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    insert into former_roles (user_id, program, role, school_year)
    select distinct user_id, program, role, school_year from gone
    on conflict do nothing;
    return null;
end
$$;
create trigger role_assignments_deleted after delete on role_assignments
    referencing old table as gone for each statement execute function keep_deleted_roles();

create function keep_changed_role() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
begin
    insert into former_roles (user_id, program, role, school_year)
    values (old.user_id, old.program, old.role, old.school_year)
    on conflict do nothing;
    return null;
end
$$;
create trigger role_assignments_changed after update of user_id, program, role, school_year on role_assignments
    for each row when ((old.user_id, old.program, old.role, old.school_year)
                       is distinct from (new.user_id, new.program, new.role, new.school_year))
    execute function keep_changed_role();

grant select, insert, update, delete on access_changes, former_roles to hallpass_app;
