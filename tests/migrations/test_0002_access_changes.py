"""0002 on a database that is in use: what is there stays, roles that go are kept, versions from before are a gap."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations import state
from migrations.apply import migrate
from policy.ids import UserId
from store.access_changes import LATEST, read_changes
from store.access_version import raise_versions
from store.database import open_connection
from tests.databases import Databases

ROWS = """
insert into organizations (id, level, code, name, name_key) values ('{0}', 'state', 'CA', 'California', 'california');
insert into users (id, first_name, last_name, name_key, status, email, email_key)
values ('{0}', 'Ann', 'Bell', 'bell ann', 'active', 'ann@example.org', 'ann@example.org');
insert into role_assignments (id, user_id, program, role, school_year, organization_id, name_key, status, origin)
values ('{0}', '{0}', 'caaspp', 'test-administrator', '2026-27', '{0}', 'bell ann', 'active', 'operator');
update access_state set version = 7;
"""


@pytest.fixture
def empty(each_server: Databases) -> Iterator[str]:
    name = each_server.empty()
    yield name
    each_server.drop(name)


async def test_on_rows_of_0001(each_server: Databases, empty: str, tmp_path: Path) -> None:
    ann = UserId(uuid.uuid4())
    owner = each_server.owner_url(empty)
    assert (await migrate(owner, directory=_first_revision(tmp_path))).after == "0001"
    connection = await open_connection(owner, "hallpass_owner")
    await connection.execute(ROWS.format(ann))
    await connection.close()
    await migrate(owner)
    serving = await open_connection(each_server.url(empty))
    try:
        assert (await read_changes(serving, LATEST)).current == 7
        assert (await read_changes(serving, 7)).complete
        assert not (await read_changes(serving, 6)).complete
        async with serving.transaction():
            await serving.execute("delete from role_assignments")
            await raise_versions(serving, [ann])
        (change,) = (await read_changes(serving, 7)).changes
        assert (change.version, change.user) == (8, ann)
        assert [(one.program, one.role, one.school_year) for one in change.roles] == [
            ("caaspp", "test-administrator", "2026-27")
        ]
    finally:
        await serving.close()


def _first_revision(directory: Path) -> Path:
    (directory / "versions").mkdir()
    shutil.copy(state.VERSIONS_DIRECTORY / "0001_rooms.py", directory / "versions")
    return directory
