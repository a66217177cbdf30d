"""The small state behind the end-to-end tests, and the settings of a gateway over it."""

from dataclasses import dataclass
from pathlib import Path

from policy.ids import AssignmentId, UserId
from store.database import open_connection
from tests.e2e.secret_values import SecretValues
from tests.oidc.world import ELPAC, HILL, LEA, PARK, PASSWORD, REPORTING, SECRET, build, give, person, sign

ALONE = {"HALLPASS_SECOND_STEP": "optional", "HALLPASS_NEW_DEVICE_CODE": "false"}
SECRET_KEY = "ZW5kLXRvLWVuZC1lbmQtdG8tZW5kLWVuZC10by1lbmQ"


@dataclass(frozen=True, slots=True)
class State:
    """`coordinator` gives and takes the roles of Park Elementary; `ana` holds one there and one at another school.

    `unsigned` has a role that waits for her forms, `nobody` an account without a role.
    """

    url: str
    coordinator: UserId
    ana: UserId
    taken: AssignmentId
    """Ana's role at Park Elementary."""
    unsigned: UserId
    nobody: UserId


async def laid_out(url: str, secrets: SecretValues) -> State:
    """Store the state in a migrated database."""
    connection = await open_connection(url)
    try:
        await build(connection)
        coordinator = await person(connection, "coordinator", ("lea-coordinator", LEA))
        ana = await person(connection, "ana")
        taken = await give(connection, ana, "site-coordinator", PARK)
        await give(connection, ana, "test-examiner", HILL, ELPAC)
        await sign(connection, ana, ELPAC)
        unsigned = await person(connection, "unsigned", ("test-administrator", PARK), forms=False)
        nobody = await person(connection, "nobody")
    finally:
        await connection.close()
    secrets.keep(PASSWORD)
    secrets.keep_basic(REPORTING.client_id, SECRET)
    return State(url, coordinator, ana, taken, unsigned, nobody)


def external(url: str, owner_url: str | None = None) -> dict[str, str]:
    """Settings of a gateway over a database that others run, where a password alone lets in."""
    owner = {"HALLPASS_OWNER_DATABASE_URL": owner_url} if owner_url else {}
    return {"HALLPASS_DATABASE_URL": url, "HALLPASS_SECRET_KEY": SECRET_KEY, **ALONE} | owner


def embedded(data_dir: Path) -> dict[str, str]:
    """Settings of a gateway with a server of its own, where a password alone lets in."""
    return {"HALLPASS_DATA_DIR": str(data_dir), **ALONE}
