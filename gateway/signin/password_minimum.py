"""How short a person's password may be: 15 characters where it is the only factor, 8 where another one is mandatory."""

from starlette.requests import Request

from gateway.signin.choosing import profile_at
from gateway.signin.first_session import must_have
from gateway.signin.password_profiles import PasswordProfile, profile_of
from gateway.signin.passwords import normalized
from gateway.state import gateway_of
from policy.ids import UserId
from policy.second_step import password_may_be_short
from store.database import Connection
from store.factors import has_factor


async def may_be_short(connection: Connection, user: UserId, *, mandatory: bool) -> bool:
    """Checklist 45: 8 where a second factor is mandatory and there; losing it, or the role, asks for 15 again."""
    return password_may_be_short(mandatory=mandatory, enrolled=mandatory and await has_factor(connection, user))


async def profile_for(request: Request, connection: Connection, user: UserId) -> PasswordProfile:
    """What is asked of this person's next password."""
    mandatory = await must_have(request, connection, user)
    short = await may_be_short(connection, user, mandatory=mandatory)
    return profile_of(gateway_of(request).settings.password_profile, second_factor=short)


def is_short(request: Request, password: str) -> bool:
    """Whether a right password has fewer characters than one must have that is the only factor."""
    return len(normalized(password)) < profile_at(request).shortest
