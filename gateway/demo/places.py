"""The demo state's tree: LEAs and schools with CDS codes, and how many people work at each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from itertools import accumulate, pairwise
from random import Random
from uuid import UUID

from gateway.demo.mix import Mix, Post
from gateway.demo.names import names
from policy.ids import OrganizationId

SEED = "hallpass demo state 1"
"""Another text makes another state; it is part of every id."""
LEAST_USERS = 200
MOST_USERS = 1_000_000
_MOST_LEAS = 3_000
_SCHOOLS_PER_LEA = 4
_COUNTIES = 58
_NAMESPACE = UUID("6f1d3c1e-7a35-5c62-9d0b-2f8c1c9d7a11").bytes


@dataclass(frozen=True, slots=True)
class School:
    id: OrganizationId
    code: str
    name: str
    funding: str | None
    seats: int
    """How many of the state's people work there first of all."""


@dataclass(frozen=True, slots=True)
class Lea:
    index: int
    id: OrganizationId
    code: str
    name: str
    slug: str
    """A label of its people's e-mail addresses, its own in the state."""
    funding: str | None
    schools: tuple[School, ...]

    def staff(self, mix: Mix) -> Iterator[Post]:
        """The posts at the LEA itself, one for each person who holds one."""
        for post in mix.lea_posts:
            least, most = post.schools
            if least <= len(self.schools) <= most:
                yield from [post] * (int((self.index + 1) * post.share) - int(self.index * post.share))


@dataclass(frozen=True, slots=True)
class _Outline:
    """An LEA before its schools have their seats."""

    index: int
    county: int
    kind: str
    code: str
    name: str
    slug: str
    schools: tuple[tuple[str, str, str | None], ...]
    """Code, name, funding."""


def stable_id(name: str) -> UUID:
    """The version 5 UUID of a name in the demo state (RFC 9562 section 5.5)."""
    return UUID(bytes=sha1(_NAMESPACE + f"{SEED}/{name}".encode(), usedforsecurity=False).digest()[:16], version=5)


def state_id() -> OrganizationId:
    return OrganizationId(stable_id("state"))


def places(users: int, mix: Mix) -> tuple[Lea, ...]:
    """The tree for a state of `users` people, state staff and named ones included."""
    outlines = tuple(_outlines(_leas_for(users)))
    empty = [_lea(outline, [0] * len(outline.schools)) for outline in outlines]
    held = {person.post for person in mix.people if person.post}
    beside = sum(1 for person in mix.people if person.post is None)
    staff = sum(sum(1 for _ in lea.staff(mix)) for lea in empty)
    assert held <= {post.name for post in (*mix.lea_posts, *mix.school_posts)}  # noqa: S101  (the file's own words)
    seats = iter(_seats(users - beside - staff, sum(len(outline.schools) for outline in outlines)))
    return tuple(_lea(outline, [next(seats) for _ in outline.schools]) for outline in outlines)


def _leas_for(users: int) -> int:
    """6 for 200 people, 3,000 for a million."""
    return min(_MOST_LEAS, max(6, round(6 * (users / LEAST_USERS) ** 0.7297)))


def _seats(people: int, schools: int) -> list[int]:
    """How many people each school has: at least one, uneven, exactly `people` in all."""
    random = Random(f"{SEED}/seats")  # noqa: S311
    ends = list(accumulate(random.uniform(0.4, 1.6) for _ in range(schools)))
    rounded = [0, *(round(end / ends[-1] * (people - schools)) for end in ends)]
    return [1 + after - before for before, after in pairwise(rounded)]


def _outlines(leas: int) -> Iterator[_Outline]:
    random = Random(f"{SEED}/places")  # noqa: S311
    place_names = [f"{start} {end}" for start in names().place_starts for end in names().place_ends]
    random.shuffle(place_names)
    counties = min(_COUNTIES, max(2, leas // 12))
    sizes = _sizes(leas, random)
    for index in range(leas):
        county = index % counties
        yield _outline(index, county, _kind(index, counties), place_names, sizes[index])


def _kind(index: int, counties: int) -> str:
    """District, county office or direct-funded charter; the first LEA is a district."""
    if counties <= index < 2 * counties:
        return "county"
    return "charter" if index % 10 in (3, 6, 8) else "district"


def _sizes(leas: int, random: Random) -> list[int]:
    """Schools of each district: many small ones and few large; the first has at least five."""
    weights = [min(random.paretovariate(1.2), 60.0) for _ in range(leas)]
    wanted = _SCHOOLS_PER_LEA * leas - leas * 0.3
    sizes = [max(1, round(weight / sum(weights) * wanted * 1.45)) for weight in weights]
    return [max(5, sizes[0]), *sizes[1:]]


def _outline(index: int, county: int, kind: str, place_names: Sequence[str], size: int) -> _Outline:
    place = place_names[index]
    district = f"{county + 1:02}{60000 + index:05}"
    if kind == "charter":
        name = f"{place} {names().charter_ends[index % len(names().charter_ends)]}"
        code = f"{county + 1:02}{60000 + county:05}{100000 + index:07}"
        return _Outline(index, county, kind, code, name, _slug(place), ((code, name, "direct"),))
    if kind == "county":
        name, size, district = f"{place} County Office of Education", 2, f"{county + 1:02}{10000 + index:05}"
    else:
        name = f"{place} {names().district_kinds[index % len(names().district_kinds)]}"
    schools = tuple(_school(index, number, district) for number in range(size))
    return _Outline(index, county, kind, f"{district}0000000", name, _slug(place), schools)


def _school(lea: int, number: int, district: str) -> tuple[str, str, str | None]:
    """Code, name, and `local` for a locally funded charter: one school in eleven."""
    which = lea * 7 + number
    base = names().school_names[which % len(names().school_names)]
    again = number // len(names().school_names)
    charter = number > 0 and which % 11 == 0
    kind = "Charter" if charter else names().school_kinds[number % len(names().school_kinds)]
    name = f"{base} {kind}" + (f" {again + 1}" if again else "")
    return f"{district}{6000000 + number * 17 + lea % 17:07}", name, "local" if charter else None


def _lea(outline: _Outline, seats: Sequence[int]) -> Lea:
    schools = tuple(
        School(_organization_id("school", code), code, name, funding, count)
        for (code, name, funding), count in zip(outline.schools, seats, strict=True)
    )
    funding = "direct" if outline.kind == "charter" else None
    return Lea(
        outline.index, _organization_id("lea", outline.code), outline.code, outline.name, outline.slug, funding, schools
    )


@cache
def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _organization_id(level: str, code: str) -> OrganizationId:
    return OrganizationId(stable_id(f"{level}:{code}"))
