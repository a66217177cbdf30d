-- Without it, a page of users of a rare status goes through all names of the state.
create index users_status on users (status, name_key, id);

-- With what its readers filter by: the users of a whole program are counted without a look at their rows.
drop index role_assignments_role;
create index role_assignments_role on role_assignments (program, school_year, role, name_key, user_id)
    include (status, organization_id, lea_id);
