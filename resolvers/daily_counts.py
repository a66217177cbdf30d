"""How many people held which role, and had which system, at and below an organization, day by day."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from policy.access import AnyOf, Subject, holds
from policy.ids import OrganizationId
from resolvers import organizations
from resolvers.asking import Asking
from resolvers.references import OrganizationReference
from resolvers.refusals import bad_input, not_found
from resolvers.subjects import subject_of
from store.daily_counts import CountRecord, counts_between

__all__ = ["CountRecord", "counts"]

MOST_RUNS = 5_000
LONGEST = timedelta(days=366 * 10)


async def counts(
    asking: Asking, reference: OrganizationReference | None, since: date, until: date, whole: AnyOf, here: AnyOf
) -> list[CountRecord]:
    """Those of the programs in which the asker sees people there, or all for whoever reads everything.

    Raises RefusedError: NOT_FOUND out of reach, BAD_USER_INPUT for a period that is none or gives too much.
    """
    if not timedelta() <= until - since <= LONGEST:
        raise bad_input("Give a period of at most ten years that ends no earlier than it begins.")
    record = await organizations.by_reference(asking, reference)
    everything = holds(asking.caller, whole, Subject())
    seen = record is not None and (everything or holds(asking.caller, here, subject_of(record, asking)))
    if record is None or not seen:
        raise not_found("There is no such organization, or none within your reach.")
    read = partial(counts_between, organization=OrganizationId(record.id), since=since, until=until)
    found = await asking.reads.run(partial(read, most=MOST_RUNS + 1))
    if len(found) > MOST_RUNS:
        raise bad_input(f"The answer has more than {MOST_RUNS:,} rows: ask for a shorter period.")
    programs = {one.program for one in found}
    if not everything:
        places = {one: replace(record.place, program=one) for one in programs}
        programs = {one for one, place in places.items() if holds(asking.caller, here, Subject(places=(place,)))}
    shown = [one for one in found if one.program in programs]
    asking.show(len(shown))
    return shown
