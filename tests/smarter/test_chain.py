"""The tenancy chain: 17 fields, 18 pipes, and four components that must all read the same grants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.smarter.chain import Entity, chain, is_writable, joined, written_name
from policy.smarter.levels import Tier, tier_named
from tests.smarter.readers import Read, UnreadableError, data_warehouse, hand_scoring, rdw, shared_security

CLIENT = Entity(Tier.CLIENT, "98765", "CA98765")
STATE = Entity(Tier.STATE, "CA", "CALIFORNIA")
DISTRICT = Entity(Tier.DISTRICT, "DISTRICT2", "District 2 - San Diego")

KNOWN = [
    ("ASMTDATALOAD", (CLIENT, STATE), "|CA|ASMTDATALOAD|STATE|98765|CA98765|||CA|CALIFORNIA|||||||||"),
    ("ASMTDATALOAD", (Entity(Tier.CLIENT, "SBAC", ""),), "|SBAC|ASMTDATALOAD|CLIENT|SBAC||||||||||||||"),
    (
        "Administrator",
        (CLIENT, STATE, DISTRICT),
        "|DISTRICT2|Administrator|DISTRICT|98765|CA98765|||CA|CALIFORNIA|||DISTRICT2|District 2 - San Diego|||||",
    ),
    (
        "Test Administrator",
        (CLIENT, STATE, DISTRICT, Entity(Tier.INSTITUTION, "DS9002", "San Diego Institution")),
        (
            "|DS9002|Test Administrator|INSTITUTION|98765|CA98765|||CA|CALIFORNIA|||DISTRICT2|District 2 - San Diego|||"
            "DS9002|San Diego Institution|"
        ),
    ),
    (
        "GENERAL",
        (Entity(Tier.CLIENT, "SBAC", ""), Entity(Tier.STATE, "CA", ""), Entity(Tier.INSTITUTION_GROUP, "S3", "Three")),
        "|S3|GENERAL|INSTITUTION_GROUP|SBAC||||CA||||||S3|Three|||",
    ),
]


@pytest.mark.parametrize(("role", "path", "expected"), KNOWN)
def test_the_published_examples_are_written_as_they_stand(role: str, path: tuple[Entity, ...], expected: str) -> None:
    assert chain(role, path) == expected
    assert expected.count("|") == 18


NAMES = [
    ("Valley, Unified", "Valley, Unified"),
    (",", ";"),
    (" , ", ";"),
    (",,", ",,"),
    ("North | South", "North / South"),
    ("||", "//"),
    ("  leading and  double ", "leading and double"),
    ("line\nend\tand\r\n\x00bell\x07", "line end and bell"),
    ("separator\u2028here", "separator here"),
    ("", ""),
]


@pytest.mark.parametrize(("name", "written"), NAMES)
def test_a_name_is_written_by_rule(name: str, written: str) -> None:
    assert written_name(name) == written


@pytest.mark.parametrize("text", ["", "|", "a|b", ",", " a", "a ", "a  b", "a\nb"])
def test_an_id_or_role_that_would_have_to_be_altered_makes_no_chain(text: str) -> None:
    assert not is_writable(text)
    assert chain(text, (CLIENT, STATE)) is None
    assert chain("PII", (CLIENT, STATE, Entity(Tier.DISTRICT, text, "name"))) is None
    assert chain("PII", (Entity(Tier.CLIENT, text, ""), STATE)) is None


def test_levels_have_two_spellings() -> None:
    """Chains write the first one, the permission service and the user search the other."""
    assert [(tier.value, tier.entity) for tier in Tier if tier.value != tier.entity] == [
        ("STATE_GROUP", "GROUPOFSTATES"),
        ("DISTRICT_GROUP", "GROUPOFDISTRICTS"),
        ("INSTITUTION_GROUP", "GROUPOFINSTITUTIONS"),
    ]
    for tier in Tier:
        assert tier_named(tier.value.lower()) == tier_named(tier.entity) == tier
    assert tier_named("NATION") is None


texts = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("|, \n")), max_size=12)
ids = st.text("0123456789ABCabc-_., ", min_size=1, max_size=14).filter(is_writable)
roles = st.sampled_from(["PII", "PII_GROUP", "Site Score Manager", "DL_EndUser", "Instructional Resource Admin"])


@st.composite
def grants(draw: st.DrawFn) -> tuple[str, tuple[Entity, ...]]:
    path = [Entity(Tier.CLIENT, draw(ids), draw(texts)), Entity(Tier.STATE, draw(ids), draw(texts))]
    if draw(st.booleans()):
        path.append(Entity(Tier.DISTRICT, draw(ids), draw(texts)))
        if draw(st.booleans()):
            path.append(Entity(Tier.INSTITUTION, draw(ids), draw(texts)))
    return draw(roles), tuple(path)


@given(st.lists(grants(), min_size=1, max_size=8))
def test_every_component_reads_the_same_grants(held: list[tuple[str, tuple[Entity, ...]]]) -> None:
    """Whatever names hold: commas, pipes, blanks, line ends."""
    chains = [text for role, path in held if (text := chain(role, path)) is not None]
    expected = [Read(role, path[-1].tier.value, path[-1].id) for role, path in held]
    assert len(chains) == len(held)
    assert all(one.count("|") == 18 and one[0] == one[-1] == "|" for one in chains)
    assert shared_security(joined(chains)) == expected
    assert rdw(joined(chains)) == expected
    assert [each for one in chains for each in rdw(one)] == expected
    assert hand_scoring(chains) == expected
    assert data_warehouse(chains) == expected


def test_the_readers_refuse_what_the_components_refuse() -> None:
    """The comment in THSS's own source is invalid by its own check; RDW refuses an id that isn't its level's."""
    short = "|6_107255|TE|INSTITUTION|1|||000000|Hawaii|||9999|Area A|99999|Group 1|9997|School B|"
    with pytest.raises(UnreadableError):
        hand_scoring([short])
    with pytest.raises(UnreadableError):
        data_warehouse([short])
    other = "|23_848887|BTC|INSTITUTION|3|Utah|||836813|Ohio|||836814|Clerc|||848887|Clerc|"
    with pytest.raises(UnreadableError):
        rdw(other)
    assert joined(()) == ""
