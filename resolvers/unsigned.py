"""Who hasn't signed which security form, within the caller's reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.ids import OrganizationId, ProgramCode, SchoolYear, UserId
from policy.pack import Form
from resolvers.asking import Asking
from resolvers.pages import Listing, page_request
from store.records import Page, UnsignedFormRecord
from store.unsigned import AskedForm, UnsignedSought, count_unsigned, unsigned_page


@dataclass(frozen=True, slots=True)
class UnsignedWanted:
    """`nowhere`: the organization that was named can't be one."""

    program: ProgramCode | None = None
    school_year: SchoolYear | None = None
    form: str | None = None
    organization: UUID | None = None
    nowhere: bool = False


@dataclass(frozen=True, slots=True)
class UnsignedRow:
    user: UserId
    program: ProgramCode
    school_year: SchoolYear
    code: str
    label: str


async def page(
    asking: Asking, wanted: UnsignedWanted, rule: AnyOf, first: int | None, after: str | None
) -> Listing[UnsignedRow]:
    sought = sought_of(asking, wanted, rule)
    request = page_request(first, after)
    found = await asking.reads.run(partial(unsigned_page, sought=sought, request=request))
    shown = Page(
        tuple(_row(asking, one) for one in found.rows), found.cursors,
        has_next=found.has_next, has_previous=found.has_previous,
    )  # fmt: skip
    return Listing(shown, lambda: asking.reads.run(partial(count_unsigned, sought=sought)))


def sought_of(asking: Asking, wanted: UnsignedWanted, rule: AnyOf, but: UserId | None = None) -> UnsignedSought:
    """The forms of every program's current and open upcoming year that fit, and the rows that the rule shows."""
    asked = () if wanted.nowhere else tuple(asked_forms(asking, wanted))
    organization = OrganizationId(wanted.organization) if wanted.organization else None
    return UnsignedSought(asked, asking.clock.today, asking.rows(rule), asking.own, organization, but)


def asked_forms(asking: Asking, wanted: UnsignedWanted) -> Iterator[AskedForm]:
    """The forms of every program's current and open upcoming year that fit, role by role."""
    for program in asking.packs.programs():
        years = {asking.years.current.get(program), asking.years.upcoming.get(program)} - {None}
        if asking.packs.at(program, None) is not None:
            years = {SchoolYear("")}
        for year in sorted(one for one in years if one is not None):
            if wanted.program not in (None, program) or wanted.school_year not in (None, year):
                continue
            pack = asking.packs.at(program, year or None)
            for role in pack.roles.values() if pack else ():
                for form in role.forms:
                    if wanted.form in (None, form):
                        yield AskedForm(program, year, role.slug, form)


def _row(asking: Asking, one: UnsignedFormRecord) -> UnsignedRow:
    form = _form(asking, one)
    return UnsignedRow(one.user_id, one.program, one.school_year, one.form, form.label if form else one.form)


def _form(asking: Asking, one: UnsignedFormRecord) -> Form | None:
    pack = asking.packs.at(one.program, one.school_year or None)
    return pack.forms.get(one.form) if pack else None
