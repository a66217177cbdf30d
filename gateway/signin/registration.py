"""`/register/tools-for-teachers`: somebody with an address of her LEA asks to register; all are answered alike."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.brake import Brake, headers_of, sentence_of
from gateway.signin.registering import is_released, role_open_at
from gateway.state import gateway_of
from policy.files.addresses import without_tag
from resolvers.addresses import PersonTyped, problems_of
from store.database import Connection
from store.keys_of import email_key
from store.outbox import MailOrder, queue_mail
from store.registration import NewRegistration, ask_to_register, open_domain
from store.sign_in import account_by_email

PATH: Final = "/register/tools-for-teachers"
LIFE: Final = timedelta(days=3)
_APART: Final = timedelta(minutes=10)
"""One mail for an address in this time, however often it is asked for."""
_LONGEST: Final = 320
_MAIL: Final = "tools-for-teachers-link"


@dataclass(frozen=True, slots=True)
class _Typed:
    first_name: str
    last_name: str
    email: str


async def registration_page(request: Request) -> Response:
    """GET: the form."""
    return _page(request, _Typed("", "", ""))


async def ask(request: Request) -> Response:
    """POST: what to do now, whatever the address. What is done about it begins when the answer is on its way.

    So neither the answer nor its time tells whether there is an account, or whether the domain is a listed one.
    """
    form = await checked_form(request)
    typed = _Typed(*(_text(form.get(name)) for name in ("first_name", "last_name", "email")))
    errors = list(problems_of(PersonTyped(typed.email, typed.first_name, typed.last_name), None))
    if errors:
        return _page(request, typed, " ".join(f"{one.message} {one.remedy}" for one in errors), status=422)
    brake = Brake.of_requests(request, "register", email_key(typed.email))
    async with gateway_of(request).pool.acquire() as connection:
        refused = await brake.take(request, connection)
    if refused is not None:
        response = _page(request, typed, sentence_of(refused), status=429)
        response.headers.update(headers_of(refused))
        return response
    response = render(request, "signin/register_sent.html", {"days": LIFE.days})
    response.background = BackgroundTask(_send, request, typed)
    return response


async def _send(request: Request, typed: _Typed) -> None:
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection, connection.transaction():
        registration = await _registered(request, connection, typed)
        if registration is None:
            return
        order = MailOrder(_MAIL, None, {"registration": registration}, request_id=request_id_of(request.scope) or None)
        await queue_mail(connection, gateway.new_id(), order)


async def _registered(request: Request, connection: Connection, typed: _Typed) -> UUID | None:
    """The registration that waits for its link to be used; None: the address may not, or asked a moment ago."""
    gateway = gateway_of(request)
    domain = await open_domain(connection, typed.email)
    if domain is None or await role_open_at(gateway, connection, domain.program) is None:
        return None
    key = email_key(typed.email)
    mailbox = without_tag(key)
    if mailbox != key and await account_by_email(connection, mailbox) is not None:
        return None
    has_account = await account_by_email(connection, key) is not None
    if not has_account and await is_released(gateway, connection, typed.email):
        return None
    now = gateway.now()
    email = _at_listed_domain(typed.email)
    new = NewRegistration(gateway.new_id(), domain.id, email, typed.first_name, typed.last_name, now, now + LIFE)
    return await ask_to_register(connection, new, now - _APART)


def _at_listed_domain(email: str) -> str:
    """The address with the domain that was compared: what only compares alike (ß and ss) is another's domain."""
    if email.isascii():
        return email
    return f"{email.rpartition('@')[0]}@{email_key(email).rpartition('@')[2]}"


def _text(value: object) -> str:
    return value.strip().replace("\x00", "")[:_LONGEST] if isinstance(value, str) else ""


def _page(request: Request, typed: _Typed, error: str = "", *, status: int = 200) -> Response:
    return render(request, "signin/register.html", {"typed": typed, "error": error, "path": PATH}, status=status)
