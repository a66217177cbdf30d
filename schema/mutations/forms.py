"""Mutations about security forms: signing one's own, and reminding those who haven't signed."""

from __future__ import annotations

import strawberry

from policy.access import AccessTarget as Target
from policy.ids import ProgramCode, SchoolYear
from resolvers import remind_unsigned, sign_form
from resolvers.remind_unsigned import RemindRow
from resolvers.sign_form import SignFormAsked, SignFormRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access, rule
from schema.mutations.shared import UserError, user_errors
from schema.queries.forms import UnsignedFormFilter
from schema.rules import SELF, USERS_MANAGE
from schema.users import SecurityForm

SIGN = access(SELF)
REMIND = access(rule(USERS_MANAGE, Target.ASSIGNMENT_ORGANIZATION))
"""Whoever manages the people reminds them."""


@strawberry.input
class SignSecurityFormInput:
    program: str
    school_year: str
    form: str
    version: str = strawberry.field(description="Of the text that was read.")
    signature: str = strawberry.field(description="The signer's own first and last name, typed.")

    def read(self) -> SignFormAsked:
        return SignFormAsked(
            ProgramCode(self.program), SchoolYear(self.school_year), self.form, self.version, self.signature
        )


@strawberry.input(description="Whom to remind; all that is given must hold.")
class RemindUnsignedInput:
    filter: UnsignedFormFilter | None = strawberry.UNSET
    idempotency_key: str


@strawberry.type(directives=[PUBLIC])
class SignSecurityFormPayload:
    form: SecurityForm | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RemindUnsignedPayload:
    reminded: int | None = strawberry.field(description="How many people are written to, each once.")
    user_errors: list[UserError] = user_errors()


async def _sign(info: Info, input: SignSecurityFormInput) -> SignFormRow:
    return await sign_form.carry_out(info.context, input.read(), rule_of_rows(info))


async def _remind(info: Info, input: RemindUnsignedInput) -> RemindRow:
    wanted = input.filter.read() if input.filter else UnsignedFormFilter().read()
    return await remind_unsigned.carry_out(info.context, wanted, input.idempotency_key, rule_of_rows(info))


@strawberry.type
class FormMutations:
    sign_security_form: SignSecurityFormPayload | None = answered(
        _sign, SIGN, description="For oneself only; nobody signs for another."
    )
    remind_unsigned: RemindUnsignedPayload | None = answered(
        _remind, REMIND, description="Writes to everybody who hasn't signed, one mail each, all forms in it."
    )
