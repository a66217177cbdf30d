"""The locks name every version with its hash, agree with each other and with pyproject.toml, and name no address."""

import json
import re

import pytest

from tests.project import ROOT, toml

LOCKS = ("run", "test", "uv")
PINNED = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)(?: ;[^\\]*)? ?\\$")
ADDRESS = re.compile(r"https?://|git\+|--(extra-)?index-url|--find-links|--trusted-host| @ ")


def locked(name: str) -> dict[str, str]:
    """Package -> version of one lock."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {match[1]: match[2] for match in map(PINNED.match, lines) if match}


def normalized(requirement: str) -> str:
    """The package's name as locks write it, without a version."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0]).lower()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name: str) -> None:
    assert ADDRESS.findall((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", LOCKS)
def test_each_line_of_a_lock_is_a_pinned_package_its_hash_or_a_reason(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    hashed = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
    assert [line for line in lines if not (PINNED.match(line) or hashed.match(line) or line.startswith("    #"))] == []
    after_pins = [lines[number + 1] for number, line in enumerate(lines) if PINNED.match(line)]
    assert after_pins != []
    assert [line for line in after_pins if not hashed.match(line)] == []


def test_what_serves_is_tested_in_the_same_versions() -> None:
    assert locked("run").items() <= locked("test").items()


def test_the_locks_hold_every_dependency_of_the_project() -> None:
    project = toml("pyproject.toml")["project"]
    assert {normalized(name) for name in project["dependencies"]} <= locked("run").keys()
    assert {normalized(name) for name in project["optional-dependencies"]["dev"]} <= locked("test").keys()


def test_the_build_uses_the_locked_build_tool() -> None:
    assert toml("pyproject.toml")["build-system"]["requires"] == [f"setuptools=={locked('run')['setuptools']}"]


def test_the_lock_of_uv_is_the_one_that_make_lock_writes() -> None:
    assert f"uv=={locked('uv')['uv']}" in (ROOT / "deploy" / "lock").read_text(encoding="utf-8")


def test_javascript_locks_have_a_hash_for_each_package_and_no_download_address() -> None:
    ours = [
        path
        for path in ROOT.rglob("package-lock.json")
        if not {"node_modules", ".venv", "peers"} & set(path.relative_to(ROOT).parts)
    ]
    packages = [
        (path, name, package)
        for path in ours
        for name, package in json.loads(path.read_text(encoding="utf-8"))["packages"].items()
        if name
    ]
    assert packages != []
    assert [(path, name) for path, name, package in packages if "resolved" in package] == []
    assert [(path, name) for path, name, package in packages if "integrity" not in package] == []
