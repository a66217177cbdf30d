"""`hallpass access`: why somebody may or may not do something somewhere."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from gateway.commands.context import USAGE, CommandRefusedError, Json, opened_gateway, print_json, refuse, run

if TYPE_CHECKING:
    from gateway.asking_as import Voice
    from gateway.state import Gateway
    from store.database import Connection

_DOCUMENT = Path(__file__).with_name("access_explain.graphql")
_ACTION = "explainAccess"

access = typer.Typer(name="access", help="Who may do what, and why.", no_args_is_help=True)


class _UsageError(Exception):
    """What was typed can't be asked."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """The question as it was typed."""

    user: str
    permission: str
    organization: str
    program: str
    year: str
    assessment: str
    role: str
    at: str

    def as_of(self, zone: tzinfo) -> str | None:
        """The moment, of a day its end; without a zone in the state's own."""
        if not self.at:
            return None
        try:
            moment = datetime.fromisoformat(self.at)
        except ValueError:
            raise _UsageError(f"{self.at} is no moment: write 2026-11-22T12:00:00Z, or a day as 2026-11-22.") from None
        if len(self.at) == len("2026-11-22"):
            moment = moment.replace(hour=23, minute=59, second=59)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()

    def organization_ref(self) -> dict[str, Any]:
        level, colon, code = self.organization.partition(":")
        if colon and level in ("state", "lea", "school") and code:
            return {"code": {"level": level.upper(), "code": code}}
        try:
            return {"id": str(UUID(self.organization))}
        except ValueError:
            text = f"{self.organization} names no organization: write level:code, as school:19647331930000, or an id."
            raise _UsageError(text) from None

    def check(self, subject: UUID, year_of: dict[str, str]) -> dict[str, Any]:
        given = {"program": self.program, "schoolYear": self.year, "assessment": self.assessment}
        check: dict[str, Any] = {name: text for name, text in given.items() if text}
        check |= {"subject": str(subject), "permission": self.permission, "organization": self.organization_ref()}
        if self.role:
            program, slash, slug = self.role.rpartition("/")
            program = program or self.program
            if not program or (slash and not slug):
                raise _UsageError("Write --role as program/role, or give --program as well.")
            year = self.year or year_of.get(program)
            check["actingAs"] = {"program": program, "role": slug, **({"schoolYear": year} if year else {})}
        return check


@access.callback()
def group() -> None:
    """Who may do what, and why."""


@access.command()
def explain(
    user: Annotated[str, typer.Argument(help="Whose access: e-mail address or id.")],
    permission: Annotated[str, typer.Argument(help="What: <system>:<feature>:<action>.")],
    organization: Annotated[str, typer.Argument(help="Where: level:code or id.")],
    program: Annotated[str, typer.Option(help="In this program alone.")] = "",
    year: Annotated[str, typer.Option(help="Of this school year; else the current one.")] = "",
    assessment: Annotated[str, typer.Option(help="For this kind of assessment; else for every kind.")] = "",
    role: Annotated[str, typer.Option(help="Under this active role: program/role.")] = "",
    operator: Annotated[
        str, typer.Option("--operator", help="Why you look; kept in the audit.", metavar="REASON")
    ] = "",
    as_user: Annotated[str, typer.Option("--as", help="Ask as this person, by her rules.", metavar="USER")] = "",
    at: Annotated[
        str, typer.Option("--at", help="As of this moment: 2026-11-22T12:00:00Z, or a day.", metavar="TIME")
    ] = "",
    as_json: Json = False,
) -> None:
    """Say whether somebody may do something somewhere, why, what is to be done, and who could give it."""
    from gateway.commands.access_text import lines

    operator, as_user = operator.strip(), as_user.strip()
    if bool(operator) == bool(as_user):
        refuse('Say who asks: --operator "reason" or --as USER, one of them.', as_json=as_json, code=USAGE)
    typed = _Typed(user, permission, organization, program, year, assessment, role, at.strip())
    try:
        found = run(_explain(typed, operator, as_user), as_json=as_json)
    except _UsageError as error:
        refuse(str(error), as_json=as_json, code=USAGE)
    if as_json:
        print_json({"ok": True, **found})
    else:
        for line in lines(found, permission, organization):
            typer.echo(line)


async def _explain(typed: _Typed, reason: str, as_user: str) -> dict[str, Any]:
    from gateway.asking_as import ask, find_person, operator_voice, person_voice
    from schema.command_permissions import EXPLAIN_ACCESS
    from store.people import load_years

    async with opened_gateway() as gateway:
        _known(typed.permission, gateway)
        organization = typed.organization_ref()
        async with gateway.pool.acquire() as connection:
            years = {str(program): str(year) for program, year in (await load_years(connection)).current.items()}
            voice = (
                operator_voice(reason, EXPLAIN_ACCESS) if reason else await person_voice(gateway, connection, as_user)
            )
            subject = await find_person(connection, typed.user) or gateway.new_id()
            variables = {
                "check": typed.check(subject, years), "subject": str(subject), "organization": organization,
                "asOf": typed.as_of(gateway.settings.time_zone),
            }  # fmt: skip
            found = await ask(gateway, voice, _DOCUMENT.read_text("utf-8"), variables)
            await _record(connection, voice, subject, typed, told=found["explain"] is not None)
    if found["explain"] is None:
        raise CommandRefusedError(f"There is no account {typed.user}, or none that may be asked about.")
    return found


def _known(permission: str, gateway: "Gateway") -> None:
    vocabulary = [str(one) for one in gateway.packs.current.vocabulary]
    if permission not in vocabulary:
        near = get_close_matches(permission, vocabulary, 3)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        raise _UsageError(f"No pack knows the permission {permission}.{meant}")


async def _record(connection: "Connection", voice: "Voice", subject: UUID, typed: _Typed, *, told: bool) -> None:
    """Looking at a person's access is audited, the refused attempt too. Ids and codes only."""
    from store.audit import AuditEvent, Outcome, record

    event = AuditEvent(
        _ACTION,
        "user",
        str(subject),
        Outcome.ALLOWED if told else Outcome.DENIED,
        actor=voice.person,
        operator_reason=voice.reason,
        after={"permission": typed.permission, "organization": typed.organization, "as_of": typed.at or None},
        reason=None if told else "not-found",
    )
    await record(connection, event)


def register(app: typer.Typer) -> None:
    app.add_typer(access)
