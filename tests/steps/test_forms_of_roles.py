"""Which roles ask for which forms in the packs, and that the fallback needs both (decisions, section 6)."""

import pytest

from policy.pack import Pack
from store.access_version import raise_epoch
from store.database import Connection
from store.shipped_packs import shipped_packs
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, Caller, user_id

AFFIDAVIT, AGREEMENT = "security-affidavit", "security-agreement"


def pack(program: str, from_year: str) -> Pack:
    (found,) = (one.pack for one in shipped_packs() if (one.pack.program, one.pack.from_year) == (program, from_year))
    return found


@pytest.mark.rule("S0-14", "S0-17", "S0-18")
def test_2017_18_coordinators_sign_the_agreement_and_all_below_the_affidavit() -> None:
    for role in pack("caaspp", "2017-18").roles.values():
        assert role.forms == ((AGREEMENT,) if role.slug.endswith("coordinator") else (AFFIDAVIT,)), role.slug


@pytest.mark.rule("access")
@pytest.mark.parametrize("program", ["caaspp", "elpac"])
def test_now_coordinators_sign_both_and_who_administers_or_scores_the_affidavit(program: str) -> None:
    (current,) = (one.pack for one in shipped_packs() if one.pack.program == program and one.pack.last_year is None)
    both = {"superintendent", "lea-coordinator", "site-coordinator"}
    one = {"test-examiner", "test-administrator", "ls-correspondence-administrator", "ls-data-entry"}
    for slug, role in current.roles.items():
        expected = {AFFIDAVIT, AGREEMENT} if slug in both else {AFFIDAVIT} if slug in one else set[str]()
        assert set(role.forms) == expected, slug


def test_each_form_says_what_is_signed() -> None:
    for one in shipped_packs():
        for form in one.pack.forms.values():
            assert form.label, form.slug
            assert form.version, form.slug
            assert len(form.text.split()) > 20, form.slug


async def permissions(asking: Caller) -> set[str]:
    viewer = (await asking.data("{ viewer { grants { permission } } }"))["viewer"]
    return {one["permission"] for one in viewer["grants"]}


@pytest.mark.rule("S1-09", "delegation-4")
async def test_the_fallback_needs_both_forms(as_person: AsCaller, connection: Connection) -> None:
    herself = await as_person("superintendent")
    await connection.execute("update role_assignments set origin = 'directory' where role = 'superintendent'")
    manage = "hallpass:users:manage"
    assert manage not in await permissions(herself)
    await connection.execute(
        "delete from role_assignments where role = 'lea-coordinator' and program = 'caaspp' and lea_id = $1", LEA
    )
    async with connection.transaction():
        await raise_epoch(connection)
    herself = await as_person("superintendent", "lea-coordinator")
    assert manage in await permissions(herself)
    for form in (AFFIDAVIT, AGREEMENT):
        kept = await connection.fetchrow(
            "delete from signed_forms where user_id = $1 and program = 'caaspp' and form = $2 returning *",
            user_id("superintendent"), form,
        )  # fmt: skip
        assert kept is not None
        async with connection.transaction():
            await raise_epoch(connection)
        assert await permissions(await as_person("superintendent", "lea-coordinator")) == set(), form
        await connection.execute("insert into signed_forms select ($1::signed_forms).*", tuple(kept.values()))
        async with connection.transaction():
            await raise_epoch(connection)
