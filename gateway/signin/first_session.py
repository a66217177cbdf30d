"""What a person's access says as she signs in: the role that her session begins with, and whether she must do more."""

from dataclasses import replace

from starlette.requests import Request

from gateway.access_cache import access_of_standing
from gateway.signin import active_role
from gateway.signin.assurance import AAL1, Proof
from gateway.state import gateway_of
from policy.grant import ActiveRole
from policy.ids import UserId
from policy.second_step import lacks_second_step
from store.database import Connection
from store.sign_in import standing_of_person
from store.standing import Standing


async def first_role(request: Request, connection: Connection, proof: Proof, standing: Standing) -> ActiveRole | None:
    """The role that a session of that proof begins with: one that counts in it."""
    standing = replace(standing, acr=proof.acr, lea=proof.lea)
    access = await access_of_standing(request, connection, standing)
    return active_role.first_role(access, await gateway_of(request).packs.at(connection, standing.epoch))


async def must_have_at(request: Request, connection: Connection, standing: Standing) -> bool:
    """Whether a role of hers asks for a second step, and this deployment holds roles to it."""
    if not gateway_of(request).settings.second_step_required:
        return False
    return lacks_second_step(await access_of_standing(request, connection, replace(standing, acr=AAL1, lea=None)))


async def must_have(request: Request, connection: Connection, user: UserId) -> bool:
    """The same of somebody who has no session, whatever her account's status."""
    standing = await standing_of_person(connection, user)
    return standing is not None and await must_have_at(request, connection, standing)
