"""Mails as the schema shows them, to whoever looks after their delivery: never their words, addresses or links."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from policy.access import AccessTarget as Target
from schema.directives import access, rule
from schema.mapped import row_of
from schema.rules import STATE_MAIL
from schema.words import MailProblem, MailState

if TYPE_CHECKING:
    from schema.users import User

SEE_MAILS = access(rule(STATE_MAIL, Target.STATE))
"""The state's help desk."""


@strawberry.type(directives=[SEE_MAILS], description="A mail and how far its delivery has come.")
class Mail:
    id: strawberry.ID
    user: Annotated[User, strawberry.lazy("schema.users")] | None = row_of(
        "user", description="Whom it goes to; null where there is no account yet."
    )
    template: str | None = strawberry.field(
        description="What it is: invitation, role-assigned, password-reset and so on."
    )
    state: MailState | None
    attempts: int | None
    answer_code: int | None = strawberry.field(description="The mail server's last answer (RFC 5321).")
    problem: MailProblem | None
    cause: strawberry.ID | None = strawberry.field(description="The upload or change that it comes from.")
    created_at: datetime | None
    held_until: datetime | None
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    sent_at: datetime | None
