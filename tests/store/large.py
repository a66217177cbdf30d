"""A large state made by SQL alone, for plans and counts: LEAs of ten schools, twenty people at each school."""

from uuid import UUID

from store.connection import Connection

LEA_NAMESPACE = "00000000-0000-4000-8000-"

_TREE = """
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
values ('{state}', 'state', null, null, '0', 'State', 'state');
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
select ('{namespace}' || lpad(to_hex(n * 100), 12, '0'))::uuid, 'lea', '{state}',
       ('{namespace}' || lpad(to_hex(n * 100), 12, '0'))::uuid, 'l' || n, 'LEA ' || n, 'lea ' || n
from generate_series(1, {leas}) n;
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
select ('{namespace}' || lpad(to_hex(n * 100 + s), 12, '0'))::uuid, 'school',
       ('{namespace}' || lpad(to_hex(n * 100), 12, '0'))::uuid, ('{namespace}' || lpad(to_hex(n * 100), 12, '0'))::uuid,
       's' || n || '-' || s, 'School ' || n || ' ' || s, 'school ' || n || ' ' || s
from generate_series(1, {leas}) n, generate_series(1, 10) s;
insert into school_years values ('red', '2026-27', 'current'), ('red', '2027-28', 'upcoming'),
    ('blue', '2026-27', 'current');
"""
_PEOPLE = """
insert into users (id, email, email_key, first_name, last_name, name_key, status)
select md5('u' || n || '-' || s || '-' || p)::uuid, email, email, 'F', key, key, 'active'
from generate_series(1, {leas}) n, generate_series(1, 10) s, generate_series(1, 20) p,
     lateral (select 'p' || n || '.' || s || '.' || p || '@x.org' as email,
                     substr(md5('k' || n || '-' || s || '-' || p), 1, 8) || ' f' as key) k;
insert into role_assignments
    (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status, origin)
select gen_random_uuid(), md5('u' || n || '-' || s || '-' || p)::uuid, g.program,
       case when p = 1 then 'site' else 'teacher' end, '2026-27', o.id, o.lea_id,
       substr(md5('k' || n || '-' || s || '-' || p), 1, 8) || ' f', 'active', 'operator'
from generate_series(1, {leas}) n, generate_series(1, 10) s, generate_series(1, 20) p,
     (values ('red'), ('blue')) g (program), organizations o
where o.level = 'school' and o.code = 's' || n || '-' || s and (g.program = 'red' or p % 2 = 0);
"""
STATE = UUID("00000000-0000-4000-8000-00000000ffff")


def lea(number: int) -> UUID:
    return UUID(f"{LEA_NAMESPACE}{number * 100:012x}")


def school(number: int, of_lea: int) -> UUID:
    return UUID(f"{LEA_NAMESPACE}{of_lea * 100 + number:012x}")


async def grow(owner: Connection, leas: int) -> None:
    """200 people and 300 assignments per LEA, then fresh statistics. The connection is the owner's (analyze)."""
    for text in (_TREE, _PEOPLE):
        await owner.execute(text.format(leas=leas, state=STATE, namespace=LEA_NAMESPACE))
    await owner.execute("analyze users, role_assignments, organizations, school_years, packs")
