"""Each module of the conformance plans is held by a test that bears its name, or says why it isn't asked here."""

import os
import tomllib
from collections.abc import Mapping

from tests.markers import marked, told
from tests.project import ROOT

LIST = ROOT / "docs" / "conformance.toml"
PAGE = ROOT / "docs" / "conformance.md"
_ABOVE = """# Conformance

The OpenID Foundation's conformance suite tests providers from outside, in plans of modules. Here each module that
concerns this provider has a test of its own, which asks for the same over HTTP and bears the module's name
(`@pytest.mark.conformance`). That is no certification: nobody has run the suite itself against a deployment.

Written from `docs/conformance.toml` and from those tests. `HALLPASS_WRITE_RULES=1 pytest
tests/test_project_conformance.py` writes it again.
"""


def plans() -> Mapping[str, Mapping[str, str | None]]:
    """By plan, its modules, and for those that aren't asked, why."""
    read = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {plan: {module: one.get("not_asked") for module, one in modules.items()} for plan, modules in read.items()}


def reasons() -> dict[str, str | None]:
    return {module: reason for modules in plans().values() for module, reason in modules.items()}


def written() -> str:
    """The whole of `docs/conformance.md`."""
    held = marked("conformance")
    lines = [_ABOVE.rstrip("\n")]
    for plan, modules in plans().items():
        lines += ["", f"## {plan}", "", "| module | held by |", "|---|---|"]
        lines += [f"| {module} | {reason or told(held.get(module, []))} |" for module, reason in modules.items()]
    return "\n".join(lines) + "\n"


def test_each_module_is_held_by_a_test_or_says_why_not() -> None:
    held = marked("conformance")
    assert [module for module, reason in reasons().items() if reason is None and module not in held] == []
    assert [module for module, reason in reasons().items() if reason is not None and module in held] == []


def test_no_test_names_a_module_that_nobody_wrote_down() -> None:
    assert sorted(marked("conformance").keys() - reasons().keys()) == []


def test_the_page_is_written_from_the_tests() -> None:
    if os.environ.get("HALLPASS_WRITE_RULES"):
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written(), "HALLPASS_WRITE_RULES=1 writes it again"
