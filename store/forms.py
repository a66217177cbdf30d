"""Signed security forms: one per person, program, form and year."""

from collections.abc import Collection

from policy.ids import UserId
from store.connection import Connection, Row
from store.records import SignedFormRecord
from store.statements import statements


async def sign_form(connection: Connection, signed: SignedFormRecord) -> bool:
    """False when it was signed before, which then stands. The caller raises the access version afterwards."""
    done = await connection.execute(
        statements("forms")["sign"],
        signed.user_id, signed.program, signed.form, signed.school_year,
        signed.form_version, signed.signed_name, signed.signed_at, signed.text_digest,
    )  # fmt: skip
    return done == "INSERT 0 1"


async def forms_of_users(
    connection: Connection, users: Collection[UserId]
) -> dict[UserId, tuple[SignedFormRecord, ...]]:
    """What each of the users signed, newest year first, in one statement."""
    found: dict[UserId, list[SignedFormRecord]] = {user: [] for user in users}
    for row in await connection.fetch(statements("forms")["of_users"], list(users)):
        found[row["user_id"]].append(_record(row))
    return {user: tuple(forms) for user, forms in found.items()}


def _record(row: Row) -> SignedFormRecord:
    return SignedFormRecord(
        user_id=row["user_id"],
        program=row["program"],
        form=row["form"],
        school_year=row["school_year"],
        form_version=row["form_version"],
        signed_name=row["signed_name"],
        signed_at=row["signed_at"],
        text_digest=row["text_digest"],
    )
