"""Who is asking: nobody, a person (in a session, or through a relying party's token) or a system."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.grant import Access, ActiveRole, Withheld
from policy.ids import GroupId, OrganizationId, System, UserId


@dataclass(frozen=True, slots=True)
class Anonymous:
    """A caller without credentials."""


@dataclass(frozen=True, slots=True)
class PersonCaller:
    """A person with the access of her active role.

    `systems`: None in a session; through a relying party's token that party's systems, and answers are cut to both.
    `version` is the access version that her facts were read at. `own_organizations`: where she holds or held a role,
    `own_groups`: the student groups assigned to her where the active role counts; `roles`: those under which she could
    act; all of them cut to `systems` as well. `auth_time`, `session`: in a session, when she last proved who she is,
    and which it is. `managing_by`: through a token of scope directory.manage, the client that may carry out changes for
    her while her `auth_time` is recent (`policy.managing`). `acr`: how, in the session or in the one that a token came
    from. `lea`: where the session behind came through that LEA's own identity provider: nothing outside of it counts,
    and whatever looks at more than `access` is cut to it (`policy.session_limits`). `place`: the one organization to
    which she has narrowed the active role; `active_at`: all where she holds it, by name. `withheld`: in a session, what
    is held back of any of her roles.
    """

    user: UserId
    access: Access
    active: ActiveRole | None
    version: int
    systems: frozenset[System] | None = None
    may_write: bool = False
    own_organizations: frozenset[OrganizationId] = frozenset()
    own_groups: frozenset[GroupId] = frozenset()
    roles: tuple[ActiveRole, ...] = ()
    auth_time: datetime | None = None
    acr: str = ""
    session: UUID | None = None
    lea: OrganizationId | None = None
    place: OrganizationId | None = None
    active_at: tuple[OrganizationId, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    managing_by: str | None = None


@dataclass(frozen=True, slots=True)
class SystemCaller:
    """A downstream system with its own client credentials.

    `in_union`: it is registered to be told the union of a person's roles; else it names the active one.
    """

    client_id: str
    systems: frozenset[System]
    in_union: bool = False


Caller = Anonymous | PersonCaller | SystemCaller
