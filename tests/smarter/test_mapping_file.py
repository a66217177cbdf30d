"""Mistakes in the mapping's files: each is one sentence that names file, key and fault."""

import tomllib

import pytest

from policy.pack_problems import PackError
from policy.smarter.mapping_file import read_components, read_mapping
from store.shipped_packs import vocabulary
from store.smarter_mapping import judged, shipped_components

COMPONENT = """
[reporting]
name   = "Reporting"
system = "cers"
[reporting.permissions]
SEE = { needs = [{ permission = "cers:results:view", over = "organization", assessments = ["summative"] }] }
[reporting.derived]
OWN = { because = "SEE", levels = ["INSTITUTION"], says = "cers:student-groups:manage", never = "No." }
[reporting.roles]
PII = { permissions = ["SEE"], levels = ["DISTRICT"] }
"""
COMPONENT_FAULTS = [
    ('"cers"', '"nowhere"', "reporting.system: nowhere owns no permission"),
    ('"cers:results:view"', '"cers:results:eat"', "cers:results:eat is not in the vocabulary"),
    ("organization", "galaxy", "“galaxy” is unknown; write one of organization, groups, items, door"),
    (', assessments = ["summative"]', "", "must name the kinds that it shows"),
    ('["SEE"]', '["LOOK"]', "LOOK is no permission of this component"),
    ('["SEE"]', "[]", "a role without permissions can't be compared with a cell"),
    ('["DISTRICT"]', '["GALAXY"]', "“GALAXY” is unknown"),
    ("PII =", '"P|I" =', "is no name for a tenancy chain"),
    ("SEE = { needs", 'SEE = { never = "No.", needs', "must say either what it needs, or in `never`"),
    ('because = "SEE"', 'because = "LOOK"', "LOOK is no permission of this component"),
    ("cers:student-groups:manage", "cers:student-groups:eat", "cers:student-groups:eat is not in the vocabulary"),
    ("OWN =", "SEE =", "is given by roles already"),
    ("SEE = { needs", "SEE = { nedes", "nedes: is unknown here; did you mean needs?"),
]
MAPPING = """
[programs]
caaspp = { from_year = "2025-26" }
[[rows]]
program = "caaspp"
role    = "superintendent"
level   = "DISTRICT"
[rows.reporting]
roles   = ["PII"]
basis   = "S1-11"
"""
MAPPING_FAULTS = [
    ('"PII"', '"GOD"', "rows[1].reporting.roles: GOD is no role of Reporting"),
    ('"PII"', '"TENANT_ADMIN"', "Reporting doesn't take TENANT_ADMIN at DISTRICT"),
    ('"PII"', "", "is empty: say in `differs` why the role becomes nothing here"),
    ('"S1-11"', '""', "rows[1].reporting.basis: is empty"),
    ("basis   = ", "bases   = ", "bases: is unknown here; did you mean basis?"),
    ("[rows.reporting]", "[rows.reportin]", "reportin: is unknown here"),
    ('"DISTRICT"', '"DISTRICT_OF"', "“DISTRICT_OF” is unknown"),
    ('program = "caaspp"', 'program = "isat"', "isat isn't listed under programs"),
    ("[[rows]]", ('[[rows]]\nprogram = "caaspp"\nrole = "superintendent"\nlevel = "DISTRICT"\n'
     '[rows.reporting]\nroles = ["PII"]\nbasis = "again"\n[[rows]]'), "is the second row of caaspp/superintendent"),
    ("[programs]", "[programs", "is not valid TOML"),
]  # fmt: skip
MISFITS = [
    ('"superintendent"', '"janitor"', "caaspp/janitor is no role of a pack from 2025-26 on"),
    ('"superintendent"', '"site-coordinator"', "caaspp/site-coordinator is never held at DISTRICT"),
    ('"PII"', '"GROUP_ADMIN"', "GROUP_ADMIN of reporting is wider than the cells of Superintendent: GROUP_WRITE needs"),
    ('"PII"', '"EMBARGO_ADMIN"', "TEST_DATA_REVIEWING_READ needs Results under embargo: no cell gives them"),
]


def test_the_examples_are_good_ones() -> None:
    components = read_components(COMPONENT, "c.toml", vocabulary())
    assert list(components["reporting"].roles) == ["PII"]
    assert len(read_mapping(MAPPING, "m.toml", shipped_components()).rows) == 1


@pytest.mark.parametrize(("good", "bad", "sentence"), COMPONENT_FAULTS)
def test_a_wrong_component(good: str, bad: str, sentence: str) -> None:
    with pytest.raises(PackError) as caught:
        read_components(COMPONENT.replace(good, bad, 1), "c.toml", vocabulary())
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("c.toml: ")


@pytest.mark.parametrize(("good", "bad", "sentence"), MAPPING_FAULTS)
def test_a_wrong_row(good: str, bad: str, sentence: str) -> None:
    with pytest.raises(PackError) as caught:
        read_mapping(MAPPING.replace(good, bad, 1), "m.toml", shipped_components())
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("good", "bad", "sentence"), MISFITS)
def test_a_row_that_no_pack_bears(good: str, bad: str, sentence: str) -> None:
    mapping = read_mapping(MAPPING.replace(good, bad, 1), "m.toml", shipped_components())
    with pytest.raises(PackError) as caught:
        judged(mapping, "m.toml")
    assert sentence in str(caught.value)


def test_no_table_of_the_files_is_taken_for_a_packs_roles() -> None:
    assert "roles" not in tomllib.loads(MAPPING) | tomllib.loads(COMPONENT)
