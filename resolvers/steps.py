"""What stands between a person and her access: security forms and credentials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from policy.access import AnyOf
from policy.ids import ProgramCode, SchoolYear, UserId
from policy.packs import Packs
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
    version: str | None
    """Of what was signed, else of what is to be signed."""
    text: str | None
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
    by_key = {(one.program, one.school_year, one.form): one for one in signed}
    return [
        form_row(asking.packs, program, year, slug, by_key.get((program, year, slug)))
        for program, year, slug in sorted(asked)
    ]


def form_row(
    packs: Packs, program: ProgramCode, year: SchoolYear, slug: str, signed: SignedFormRecord | None
) -> FormRow:
    """A form as its pack has it, and whether it is signed."""
    pack = packs.at(program, year or None)
    form = pack.forms.get(slug) if pack else None
    version = signed.form_version if signed else form.version if form else None
    label, text = (form.label, form.text.strip()) if form else (slug, None)
    return FormRow(program, year, slug, label, version, text, signed.signed_at if signed else None)


async def _signed(asking: Asking, user: UserId) -> tuple[SignedFormRecord, ...]:
    async def load(users: Sequence[UserId]) -> Mapping[UserId, tuple[SignedFormRecord, ...]]:
        return await asking.reads.run(partial(forms_of_users, users=users))

    return await batch_of(asking.batches, "forms", load).get(user) or ()


def _forms_of(asking: Asking, assignment: MappedRow) -> tuple[str, ...]:
    role = asking.packs.role(assignment["program"], assignment["role"], assignment["school_year"] or None)
    return role.forms if role else ()
