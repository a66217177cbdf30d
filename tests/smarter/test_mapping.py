"""The mapping held against the packs: RDW's reach is derived anew from its own permission table and the CERS cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from policy.ids import RoleSlug
from policy.pack import Pack, Reach
from policy.pack_problems import PackError
from policy.smarter.levels import Tier
from policy.smarter.mapping import ComponentRole, Emitted, MappingRow, RoleMapping
from policy.smarter.width import fits, unmapped_cells, wider_rows
from store.shipped_packs import shipped_packs
from store.smarter_mapping import judged, shipped_mapping

PACKS = [one.pack for one in shipped_packs()]
MAPPING = shipped_mapping()

# -------------------------------------------------------------------------- RDW's own table, V2_5_0_3__permissions.sql
RDW: Mapping[str, frozenset[str]] = {
    "PII": frozenset({"CUSTOM_AGGREGATE_READ", "GROUP_PII_READ", "GROUP_READ", "INDIVIDUAL_PII_READ"}),
    "PII_GROUP": frozenset({"GROUP_PII_READ", "GROUP_READ"}),
    "GROUP_ADMIN": frozenset({"GROUP_READ", "GROUP_WRITE"}),
    "CUSTOM_AGGREGATE_REPORTER": frozenset({"CUSTOM_AGGREGATE_READ"}),
    "Instructional Resource Admin": frozenset({"INSTRUCTIONAL_RESOURCE_WRITE"}),
    "EMBARGO_ADMIN": frozenset({"TEST_DATA_REVIEWING_READ"}),
    "EMBARGO_ADMIN_RELEASE": frozenset({"TEST_DATA_REVIEWING_READ", "TEST_DATA_REVIEWING_WRITE"}),
    "GENERAL": frozenset({"POPULATION_AGGREGATE_READ"}),
    "ASMTDATALOAD": frozenset({"DATA_WRITE"}),
    "PIPELINE_ADMIN": frozenset({"PIPELINE_READ", "PIPELINE_WRITE"}),
    "TENANT_ADMIN": frozenset({"TENANT_READ", "TENANT_WRITE"}),
    "ISR_TEMPLATE_ADMIN": frozenset({"ISR_TEMPLATE_READ", "ISR_TEMPLATE_WRITE"}),
    "ISR_TEMPLATE_READONLY": frozenset({"ISR_TEMPLATE_READ"}),
    "ALLSTATES": frozenset({"ALL_STATES_READ"}),
}
SHOWN = frozenset({"summative", "interim"})
"""RDW shows both with whatever permission over results."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees: all students of the chain's entity, those of her groups, and whether she edits groups.

    `makes_own`: whether she groups, for herself alone, students whose results she sees.
    """

    all_results: bool
    group_results: bool
    edits_groups: bool
    other: bool
    makes_own: bool = False

    def within(self, cell: "Sight") -> bool:
        return (
            self.all_results <= cell.all_results
            and self.group_results <= (cell.all_results or cell.group_results)
            and self.edits_groups <= cell.edits_groups
            and self.other <= cell.other
            and self.makes_own <= (cell.all_results or cell.edits_groups)
        )


def derived(permissions: frozenset[str], tier: Tier) -> frozenset[str]:
    """What RDW adds by itself to whoever has PII at schools alone (DefaultAuthorityService)."""
    school_only = tier is Tier.INSTITUTION and "INDIVIDUAL_PII_READ" in permissions
    return frozenset({"TEACHER_GROUP_READ", "TEACHER_GROUP_WRITE"}) if school_only else frozenset()


def opened(roles: frozenset[str], tier: Tier) -> Sight:
    """What RDW opens to these roles at the chain's entity (DefaultAuthorityService: a union over the roles)."""
    permissions = frozenset[str]().union(*(RDW[role] for role in roles))
    added = derived(permissions, tier)
    harmless = {"CUSTOM_AGGREGATE_READ", "GROUP_PII_READ", "GROUP_READ", "INDIVIDUAL_PII_READ", "GROUP_WRITE"}
    rest = permissions - harmless - {"INSTRUCTIONAL_RESOURCE_WRITE"}
    everything = bool(permissions & {"INDIVIDUAL_PII_READ", "CUSTOM_AGGREGATE_READ"})
    return Sight(
        everything,
        bool(permissions & {"GROUP_PII_READ", "GROUP_READ"}),
        bool(permissions & {"GROUP_WRITE", "INSTRUCTIONAL_RESOURCE_WRITE"}),
        bool(rest),
        bool(added),
    )


def cell(pack: Pack, role: RoleSlug, tier: Tier) -> Sight:
    """What the CERS cells of the role give at that level, for both kinds that RDW shows."""
    whole = {Tier.DISTRICT: {Reach.LEA, Reach.STATE}, Tier.INSTITUTION: {Reach.SITE, Reach.STATE}}[tier]
    results: dict[bool, frozenset[str]] = {True: frozenset(), False: frozenset()}
    edits = False
    for _, spec in pack.grants_of(role):
        if spec.permission == "cers:results:view" and (spec.reach in whole or spec.reach is Reach.ROSTER):
            results[spec.reach in whole] |= spec.assessments
        edits |= spec.permission == "cers:student-groups:manage" and spec.reach in whole
    everything = results[True] >= SHOWN
    return Sight(everything, everything or results[False] | results[True] >= SHOWN, edits, other=False)


def reporting_rows() -> Iterator[tuple[Pack, MappingRow, frozenset[str]]]:
    for pack in PACKS:
        for row in MAPPING.rows:
            if row.program == pack.program and MAPPING.row(row.program, row.role, row.tier, pack.from_year):
                emitted = row.components.get("reporting")
                yield pack, row, frozenset(role.name for role in emitted.roles) if emitted else frozenset()


def emitted(program: str, role: str, component: str = "reporting") -> dict[Tier, list[str]]:
    return {
        row.tier: [one.name for one in row.components[component].roles]
        for row in MAPPING.rows
        if (row.program, row.role) == (program, role) and component in row.components
    }


def test_rdw_opens_no_more_than_the_cers_cell() -> None:
    compared = [(pack, row) for pack, row, _ in reporting_rows()]
    wider = [
        f"{row.program}/{row.role}: {sorted(roles)}"
        for pack, row, roles in reporting_rows()
        if not opened(roles, row.tier).within(cell(pack, row.role, row.tier))
    ]
    assert len(compared) >= 18
    assert wider == []


@pytest.mark.parametrize("name", sorted(RDW))
def test_a_widened_mapping_is_caught(name: str) -> None:
    """Each RDW role added to each row: what RDW would open beyond the cell, the product's own check finds as well."""
    added = MAPPING.components["reporting"].roles[name]
    for pack, row, roles in reporting_rows():
        if name in roles or row.tier not in added.tiers:
            continue
        widened = _with(row, Emitted((*_roles(row), added), "a test"))
        too_wide = not opened(roles | {name}, row.tier).within(cell(pack, row.role, row.tier))
        found = [text for text in wider_rows(_mapping_with(widened), [pack]) if f": {name} of reporting" in text]
        assert bool(found) == too_wide, (row.program, row.role, found)


@pytest.mark.rule("S1-29", "S1-40")
def test_what_rdw_adds_by_itself_is_given_by_the_cell_or_stated_as_different() -> None:
    """PII at a school brings groups of one's own; roles whose cells give no groups say in their row that it stands."""
    added = {
        (row.program, row.role): (cell(pack, row.role, row.tier).edits_groups, row.components["reporting"].differs)
        for pack, row, roles in reporting_rows()
        if opened(roles, row.tier).makes_own
    }
    without = {role for role, (edits, _) in added.items() if not edits}
    assert added.keys() - without == {("caaspp", "site-coordinator")}
    assert without == {("caaspp", "educator-test-site"), ("elpac", "site-coordinator")}
    for role in without:
        differs = added[role][1]
        assert all(name in differs for name in ("TEACHER_GROUP_READ", "TEACHER_GROUP_WRITE")), role


def test_the_components_derive_what_rdw_derives() -> None:
    for name, role in MAPPING.components["reporting"].roles.items():
        for tier in role.tiers:
            assert {one.permission.name for one in role.added_at(tier)} == derived(RDW[name], tier), (name, tier)


def test_an_addition_that_nobody_stated_does_not_load() -> None:
    row = next(one for one in MAPPING.rows if (one.program, one.role) == ("caaspp", "educator-test-site"))
    silent = _with(row, replace(row.components["reporting"], differs=""))
    with pytest.raises(PackError, match="adds TEACHER_GROUP_WRITE to PII, and no cell of Educator - Test Site gives"):
        judged(_mapping_with(silent), "mapping.toml")


def test_a_mapping_that_opens_more_does_not_load() -> None:
    row = next(one for one in MAPPING.rows if (one.program, one.role) == ("elpac", "ls-correspondence-administrator"))
    pii = MAPPING.components["reporting"].roles["PII"]
    with pytest.raises(PackError, match="PII of reporting is wider than the cells of LS Correspondence Administrator"):
        judged(_mapping_with(_with(row, Emitted((pii,), "a test"))), "mapping.toml")


@pytest.mark.rule("S1-11")
def test_s1_11_a_superintendent_sees_the_whole_lea() -> None:
    assert emitted("caaspp", "superintendent") == emitted("elpac", "superintendent") == {Tier.DISTRICT: ["PII"]}


def test_the_correspondence_administrator_sees_groups_never_the_lea() -> None:
    """Decisions, section 2."""
    assert emitted("elpac", "ls-correspondence-administrator") == {Tier.DISTRICT: ["PII_GROUP"]}


@pytest.mark.parametrize("program", ["caaspp", "elpac"])
def test_a_role_of_interim_results_alone_becomes_nothing_in_rdw(program: str) -> None:
    """RDW can't keep summative results from anybody whom it shows interim ones."""
    assert emitted(program, "ia-administrator") == {Tier.INSTITUTION: []}
    pack = next(one for one in PACKS if one.program == program and one.from_year == "2025-26")
    every = MAPPING.components["reporting"].roles.values()
    specs = pack.grants_of(RoleSlug("ia-administrator"))
    assert any(spec.permission == "cers:results:view" for _, spec in specs)
    shown = [role for role in every if "cers:results:view" in {n.permission for p in role.permissions for n in p.needs}]
    row = next(one for one in MAPPING.rows if (one.program, one.role) == (program, "ia-administrator"))
    for role in shown:
        widened = _mapping_with(_with(row, Emitted((role,), "a test")))
        assert list(wider_rows(widened, [pack])), role.name


@pytest.mark.rule("S1-25", "S1-26", "S1-02")
def test_dl_end_user_is_for_those_whose_tools_for_teachers_cell_is_yes() -> None:
    """Decisions, section 2: exactly for those, and Tools for Teachers Only."""
    for pack in PACKS:
        if pack.program not in MAPPING.from_years or (pack.from_year or "") < MAPPING.from_years[pack.program]:
            continue
        given = {
            (role.slug, tier)
            for role in pack.roles.values()
            for tier in ({"lea": Tier.DISTRICT, "school": Tier.INSTITUTION}[level] for level in role.levels)
            if any(spec.permission == "tools-for-teachers:resources:open" for _, spec in pack.grants_of(role.slug))
        }
        mapped = {
            (row.role, row.tier)
            for row in MAPPING.rows
            if row.program == pack.program and row.components.get("digital-library")
        }
        assert mapped == given


@pytest.mark.rule("S1-32")
def test_s1_32_only_those_who_reassign_see_everybodys_items() -> None:
    managers = {
        (row.program, row.role)
        for row in MAPPING.rows
        for role in (row.components["scoring"].roles if "scoring" in row.components else ())
        if any(permission.name == "Can See All Items" for permission in role.permissions)
    }
    reassigning = {
        (pack.program, role)
        for pack in PACKS
        for role in pack.roles
        if pack.program in MAPPING.from_years and (pack.from_year or "") >= MAPPING.from_years[pack.program]
        and any(spec.permission == "thss:responses:reassign" for _, spec in pack.grants_of(role))
    }  # fmt: skip
    assert managers == reassigning


def test_every_cell_of_a_component_has_a_row() -> None:
    assert list(unmapped_cells(MAPPING, PACKS)) == []
    fewer = replace(MAPPING, rows=MAPPING.rows[1:])
    assert any("caaspp/superintendent" in text for text in unmapped_cells(fewer, PACKS))


def test_a_program_that_is_not_mapped_becomes_nothing() -> None:
    """Nor does a year before the mapping's first, whose CERS was another system."""
    assert {row.program for row in MAPPING.rows} == {"caaspp", "elpac"}
    old = next(one for one in PACKS if one.from_year == "2017-18")
    rows = [MAPPING.row(old.program, role, Tier.INSTITUTION, old.from_year) for role in old.roles]
    assert set(rows) == {None}


def test_a_role_without_permissions_fits_nobody() -> None:
    role = replace(MAPPING.components["reporting"].roles["GENERAL"])
    assert not fits(role, Tier.DISTRICT, ())
    assert not fits(MAPPING.components["reporting"].roles["PII"], Tier.DISTRICT, ())


def _roles(row: MappingRow) -> tuple[ComponentRole, ...]:
    return row.components["reporting"].roles if "reporting" in row.components else ()


def _with(row: MappingRow, emitted: Emitted) -> MappingRow:
    return replace(row, components={**row.components, "reporting": emitted})


def _mapping_with(row: MappingRow) -> RoleMapping:
    """The mapping with this row in place of the same role's."""
    rows = tuple(
        row if (one.program, one.role, one.tier) == (row.program, row.role, row.tier) else one for one in MAPPING.rows
    )
    return replace(MAPPING, rows=rows)
