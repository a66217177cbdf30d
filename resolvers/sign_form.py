"""signSecurityForm: a person signs, for herself alone, a form that one of her roles asks for."""

from dataclasses import dataclass
from hashlib import sha256

from policy.access import AnyOf
from policy.facts import Person
from policy.ids import ProgramCode, SchoolYear
from policy.pack import Form
from policy.packs import Packs
from policy.signatures import is_signature_of
from resolvers import targets
from resolvers.asking import Asking
from resolvers.steps import FormRow, form_row
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.access_version import raise_versions
from store.database import Connection
from store.forms import forms_of_users, sign_form
from store.people import load_person
from store.recipients import lock_users
from store.records import SignedFormRecord
from store.users import user_by_id

ACTION = "signSecurityForm"
LONGEST_SIGNATURE = 200


@dataclass(frozen=True, slots=True)
class SignFormAsked:
    """`version`: of the text that she read."""

    program: ProgramCode
    school_year: SchoolYear
    form: str
    version: str
    signature: str


@dataclass(frozen=True, slots=True)
class SignFormRow:
    form: FormRow | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, asked: SignFormAsked, rule: AnyOf) -> SignFormRow:
    """What was signed before stands as it is, and is answered as if it were signed now."""
    making = change(asking, ACTION, rule)
    target = Target("user", str(making.caller.user))
    try:
        signed = await making.carry_out(target, lambda connection: _sign(making, connection, asked))
    except RefusedChangeError as refused:
        return SignFormRow(None, refused.errors)
    return SignFormRow(form_row(asking.packs, asked.program, asked.school_year, asked.form, signed), [])


async def _sign(making: Change, connection: Connection, asked: SignFormAsked) -> SignedFormRecord:
    user, asking = making.caller.user, making.asking
    await lock_users(connection, [user])
    loaded, record = await load_person(connection, user), await user_by_id(connection, user)
    if loaded is None or record is None:
        raise targets.missing("person")
    form = asked_form(loaded.person, asked, asking.packs)
    errors = _errors(form, asked, record.first_name, record.last_name)
    if form is None or errors:
        raise RefusedChangeError(errors)
    signed = SignedFormRecord(
        user, asked.program, asked.form, asked.school_year, form.version, asked.signature.strip(),
        asking.clock.now, sha256(form.text.encode()).digest(),
    )  # fmt: skip
    if not await sign_form(connection, signed):
        return await _signed_before(connection, signed)
    after = {
        "program": asked.program, "form": asked.form, "school_year": asked.school_year, "version": form.version,
    }  # fmt: skip
    await making.audit(connection, Target("user", str(user)), None, after=after)
    await raise_versions(connection, [user])  # not `tell`, which refuses where the actor's own access has changed
    return signed


async def _signed_before(connection: Connection, now: SignedFormRecord) -> SignedFormRecord:
    key = (now.program, now.form, now.school_year)
    before = (await forms_of_users(connection, [now.user_id]))[now.user_id]
    return next(one for one in before if (one.program, one.form, one.school_year) == key)


def asked_form(person: Person, asked: SignFormAsked, packs: Packs) -> Form | None:
    """The form, where a current or upcoming role of the person asks for it; else None: nothing is signed ahead."""
    for held in person.assignments:
        if (held.program, held.school_year) != (asked.program, asked.school_year):
            continue
        pack = packs.at(held.program, held.school_year or None)
        role = pack.roles.get(held.role) if pack else None
        if pack is not None and role is not None and asked.form in role.forms:
            return pack.forms.get(asked.form)
    return None


def _errors(form: Form | None, asked: SignFormAsked, first_name: str, last_name: str) -> list[UserError]:
    if form is None:
        text = "None of your roles asks for this form in that school year."
        return [UserError(["input", "form"], "NOT_ASKED", None, text, "Sign the forms that your account lists.")]
    if asked.version != form.version:
        text = f"The form has changed since you read it: it is version {form.version} now."
        return [UserError(["input", "version"], "OTHER_VERSION", None, text, "Read the form again, then sign it.")]
    signature = asked.signature.strip()
    if len(signature) > LONGEST_SIGNATURE or not is_signature_of(signature, first_name, last_name):
        text = f"The signature is not your name, {first_name} {last_name}."
        remedy = "Type your first and last name. If your name is wrong here, ask your coordinator to correct it first."
        return [UserError(["input", "signature"], "NAME_DIFFERS", None, text, remedy)]
    return []
