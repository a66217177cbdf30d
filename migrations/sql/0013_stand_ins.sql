-- A superintendent is coordinator while nobody is assigned that role in her LEA (S1-09). So a role that is given, taken
-- or changed at an LEA concerns its superintendent too: the transaction remembers the LEA, and raising access versions
-- reads it (store/sql/access_version.sql), whoever made the change. Roles at schools cost a comparison and no more.

create function note_changed_lea() returns trigger language plpgsql set search_path = hallpass, pg_temp as $$
declare
    noted text := coalesce(current_setting('hallpass.changed_leas', true), '');
    lea text := case tg_op when 'DELETE' then old.organization_id else new.organization_id end;
begin
    if position(lea in noted) = 0 then
        noted := concat_ws(',', nullif(noted, ''), lea);
        perform set_config('hallpass.changed_leas', noted, true);
    end if;
    if tg_op = 'UPDATE' and position(old.organization_id::text in noted) = 0 then
        perform set_config('hallpass.changed_leas', concat_ws(',', noted, old.organization_id), true);
    end if;
    return null;
end
$$;

create trigger role_assignments_given_at_lea after insert on role_assignments
    for each row when (new.organization_id = new.lea_id) execute function note_changed_lea();
create trigger role_assignments_taken_at_lea after delete on role_assignments
    for each row when (old.organization_id = old.lea_id) execute function note_changed_lea();
create trigger role_assignments_changed_at_lea
    after update of organization_id, program, role, school_year, status, last_day, origin, user_id on role_assignments
    for each row when ((old.organization_id = old.lea_id or new.organization_id = new.lea_id)
                       and (old.organization_id, old.program, old.role, old.school_year, old.status, old.last_day,
                            old.origin, old.user_id)
                           is distinct from
                           (new.organization_id, new.program, new.role, new.school_year, new.status, new.last_day,
                            new.origin, new.user_id))
    execute function note_changed_lea();
