"""Who carries out a command for the whole state: a person by her own roles, or the operator with a reason."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.context import USAGE, CommandRefusedError, refuse

if TYPE_CHECKING:
    from gateway.state import Gateway
    from policy.ids import Permission, UserId
    from store.connection import Connection

Operator = Annotated[str, typer.Option("--operator", help="Why; kept in the audit.", metavar="REASON")]
As = Annotated[str, typer.Option("--as", help="Do it as this person.", metavar="EMAIL")]


@dataclass(frozen=True, slots=True)
class Acting:
    """`acting_under` is "program/role"; `operator_reason` is empty where a person acts."""

    actor: "UserId | None" = None
    acting_under: str | None = None
    operator_reason: str | None = None


def one_of_both(operator: str, as_user: str, *, as_json: bool) -> None:
    """Ends the command with code 2 where neither or both say who does it."""
    if bool(operator.strip()) == bool(as_user.strip()):
        refuse('Say who does it: --operator "reason" or --as EMAIL, one of them.', as_json=as_json, code=USAGE)


async def acting(
    gateway: "Gateway",
    connection: "Connection",
    operator: str,
    as_user: str,
    permission: "Permission",
    action: str,
    what: str,
) -> Acting:
    """The operator, or the person if she may; what she may not is refused and kept in the audit.

    `what` finishes the sentence "She may not …".
    Raises CommandRefusedError.
    """
    from gateway.access_cache import today_of
    from policy.grants import access_of
    from policy.pack import Reach
    from store.audit import AuditEvent, Outcome, record
    from store.people import load_person, load_years
    from store.users import user_by_email

    if operator.strip():
        return Acting(operator_reason=operator.strip())
    user = await user_by_email(connection, as_user.strip())
    loaded = await load_person(connection, user.id) if user else None
    if user is None or loaded is None:
        raise CommandRefusedError(f"There is no account with the address {as_user}.")
    today = today_of(gateway.settings, gateway.now())
    access = access_of(loaded.person, gateway.packs.current, await load_years(connection), today)
    grant = next((one for one in access.of(permission) if one.reach is Reach.STATE), None)
    if grant is None:
        await record(connection, AuditEvent(action, "state", "", Outcome.DENIED, actor=user.id, reason="no-assignment"))
        raise CommandRefusedError(f"{as_user} may not {what}: no active role of hers gives this.")
    return Acting(user.id, f"{grant.program}/{grant.role}")
