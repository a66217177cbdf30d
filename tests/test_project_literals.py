"""A permission or role is named in programs/, schema/ and tests only; everywhere else it arrives as a value."""

import re
import tomllib

from tests.project import ROOT, files, place, texts, toml

ROOMS_WITHOUT_NAMES = ("gateway", "resolvers", "policy", "store", "migrations")
NOT_A_PROGRAM = {"permissions.toml"}


def systems() -> set[str]:
    """The systems that own permissions: the sections of the vocabulary."""
    return set(toml("programs/permissions.toml"))


def roles() -> set[str]:
    """Every role's slug, bare and with its program."""
    slugs: set[str] = set()
    for path in files(("programs",), ".toml"):
        if path.name not in NOT_A_PROGRAM:
            pack = tomllib.loads(path.read_text(encoding="utf-8"))
            slugs |= {name for slug in pack.get("roles", {}) for name in (slug, f"{pack.get('program')}/{slug}")}
    return slugs


def test_permissions_are_named_in_programs_and_schema_only() -> None:
    permission = re.compile(rf"\b({'|'.join(sorted(systems()))}):[a-z][a-z-]*:[a-z][a-z-]*\b")
    code = [(path, line, text) for path in files(ROOMS_WITHOUT_NAMES, ".py") for line, text in texts(path)]
    other = [
        (path, number, line)
        for path in files(ROOMS_WITHOUT_NAMES, ".sql", ".html", ".graphql", ".js")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    ]
    assert [place(path, line) for path, line, text in code + other if permission.search(text)] == []


def test_roles_are_named_in_programs_and_schema_only() -> None:
    known = roles()
    assert known, f"no role was found in {ROOT / 'programs'}"
    found = [
        f"{place(path, line)} {text}"
        for path in files(ROOMS_WITHOUT_NAMES, ".py")
        for line, text in texts(path)
        if text in known
    ]
    assert found == []
