"""Whether somebody who asked for a change of another's account a day ago could ask for it now."""

from gateway.access_cache import today_of
from gateway.state import Gateway
from policy.delegation import Actor, IdentityOperation, Recipient, may_change_identity
from policy.grants import access_of
from policy.ids import UserId
from schema.directives import Access, any_of
from store.access_version import read_epoch
from store.database import Connection
from store.people import load_people


async def still_entitled(
    gateway: Gateway,
    connection: Connection,
    operation: IdentityOperation,
    rule: Access,
    *,
    by: UserId,
    user: UserId,
) -> bool:
    """Either may have got or lost roles since. `rule`: that of the mutation by which it was asked for."""
    people = await load_people(connection, {user, by})
    concerned, actor = people.get(user), people.get(by)
    if concerned is None or actor is None:
        return False
    in_force = await gateway.packs.in_force(connection, await read_epoch(connection))
    access = access_of(actor.person, in_force.packs, in_force.years, today_of(gateway.settings, gateway.now()))
    permissions = tuple(one.permission for one in any_of(rule) if one.permission is not None)
    person = concerned.person
    recipient = Recipient(person.id, person.status, person.assignments)
    return may_change_identity(
        Actor(actor.person.id, access, permissions), recipient, operation, in_force.packs
    ).allowed
