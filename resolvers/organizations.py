"""Organizations as facts: where a change is made, or what an explanation is about."""

from collections.abc import Mapping, Sequence
from functools import partial

from policy.ids import OrganizationId
from resolvers.asking import Asking
from resolvers.batches import batch_of
from resolvers.references import LevelAndCode, OrganizationReference
from store.organizations import organization_by_code, organizations_by_ids
from store.records import OrganizationRecord


async def by_id(asking: Asking, organization: OrganizationId) -> OrganizationRecord | None:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, OrganizationRecord]:
        return await asking.reads.run(partial(organizations_by_ids, ids=ids, own=asking.own))

    return await batch_of(asking.batches, "organizations", load).get(organization)


async def by_reference(asking: Asking, reference: OrganizationReference | None) -> OrganizationRecord | None:
    match reference:
        case None:
            return None
        case LevelAndCode(level, code):
            return await asking.reads.run(partial(organization_by_code, level=level, code=code, own=asking.own))
        case _:
            return await by_id(asking, OrganizationId(reference))
