"""The mutation about mails."""

from __future__ import annotations

import strawberry

from resolvers import mails
from resolvers.mails import MailRetriedRow
from resolvers.references import read_id
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mails import SEE_MAILS, Mail
from schema.mutations.shared import UserError, user_errors


@strawberry.input
class RetryMailInput:
    mail: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class RetryMailPayload:
    mail: Mail | None
    user_errors: list[UserError] = user_errors()


async def _retry(info: Info, input: RetryMailInput) -> MailRetriedRow:
    return await mails.retry_mail(info.context, read_id(input.mail), rule_of_rows(info))


@strawberry.type
class MailMutations:
    retry_mail: RetryMailPayload | None = answered(
        _retry, SEE_MAILS, description="Queues a dead letter once more; links in it are made anew."
    )
