"""What stands between a person and her access: security forms and credentials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from policy.access import AnyOf
from policy.ids import ProgramCode, SchoolYear, UserId
from resolvers import assignments
from resolvers.asking import Asking
from resolvers.batches import batch_of
from resolvers.rows import MappedRow
from store.credentials import credentials_of_users
from store.forms import forms_of_users
from store.records import CredentialRecord, SignedFormRecord

__all__ = ["CredentialRecord", "FormRow", "credentials", "security_forms"]


@dataclass(frozen=True, slots=True)
class FormRow:
    program: ProgramCode
    school_year: SchoolYear
    code: str
    label: str
    signed_at: datetime | None


async def credentials(asking: Asking, user: UserId) -> tuple[CredentialRecord, ...]:
    """What is recorded for the person; each is guarded by its LEA."""

    async def load(users: Sequence[UserId]) -> Mapping[UserId, tuple[CredentialRecord, ...]]:
        return await asking.reads.run(partial(credentials_of_users, users=users))

    return await batch_of(asking.batches, "credentials", load).get(user) or ()


async def security_forms(asking: Asking, user: UserId, rule: AnyOf) -> list[FormRow]:
    """The forms that the assignments ask for which the caller may see, signed or not."""
    signed = await _signed(asking, user)
    seen = await assignments.seen_of_user(asking, user, rule)
    asked = {(one["program"], one["school_year"], slug) for one in seen for slug in _forms_of(asking, one)}
    at = {(one.program, one.school_year, one.form): one.signed_at for one in signed}
    return [
        FormRow(program, year, slug, _label(asking, program, year, slug), at.get((program, year, slug)))
        for program, year, slug in sorted(asked)
    ]


async def _signed(asking: Asking, user: UserId) -> tuple[SignedFormRecord, ...]:
    async def load(users: Sequence[UserId]) -> Mapping[UserId, tuple[SignedFormRecord, ...]]:
        return await asking.reads.run(partial(forms_of_users, users=users))

    return await batch_of(asking.batches, "forms", load).get(user) or ()


def _forms_of(asking: Asking, assignment: MappedRow) -> tuple[str, ...]:
    role = asking.packs.role(assignment["program"], assignment["role"], assignment["school_year"] or None)
    return role.forms if role else ()


def _label(asking: Asking, program: ProgramCode, year: SchoolYear, slug: str) -> str:
    pack = asking.packs.at(program, year or None)
    form = pack.forms.get(slug) if pack else None
    return form.label if form else slug
