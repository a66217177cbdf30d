"""Set-up finishes from nothing or says in one sentence what is missing; tests left out for want of a browser say so."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import ROOT

BROWSER_TEST = "import pytest\n\n@pytest.mark.browser\ndef test_page(): pass\n\ndef test_other(): pass\n"


def tools_without_python(folder: Path) -> Path:
    """A folder for PATH with what the set-up script needs except a Python."""
    for tool in ("sh", "dirname", "id", "cat", "cmp"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def clone_of_setup(folder: Path) -> Path:
    """A bare clone, as far as the set-up script looks at it before it installs."""
    (folder / "a clone" / "deploy").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "setup", folder / "a clone" / "deploy" / "setup")
    shutil.copy(ROOT / "pyproject.toml", folder / "a clone")
    shutil.copytree(ROOT / "requirements", folder / "a clone" / "requirements")
    return folder / "a clone"


def set_up(clone: Path, path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", "deploy/setup", "run"]
    environment = {"PATH": str(path), "HOME": str(clone), **variables}
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def python_that(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_without_any_python_one_sentence_says_which_is_needed(tmp_path: Path) -> None:
    done = set_up(clone_of_setup(tmp_path), tools_without_python(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("Set-up stopped: no Python 3.11 or newer was found; install one")
    assert done.stderr.count("\n") == 1


def test_a_python_that_is_too_old_is_not_taken(tmp_path: Path) -> None:
    path = tools_without_python(tmp_path)
    python_that(path, "python3", "exit 1")
    done = set_up(clone_of_setup(tmp_path), path)
    assert done.returncode == 1
    assert "no Python 3.11 or newer was found" in done.stderr


def test_a_named_python_that_is_too_old_is_refused_by_name(tmp_path: Path) -> None:
    path = tools_without_python(tmp_path)
    python_that(path, "python3.9", "exit 1")
    done = set_up(clone_of_setup(tmp_path), path, PYTHON="python3.9")
    assert done.stderr == "Set-up stopped: PYTHON=python3.9 is not a Python 3.11 or newer\n"


def test_without_the_venv_module_an_ordinary_user_is_told_the_package(tmp_path: Path) -> None:
    path = tools_without_python(tmp_path)
    (path / "id").unlink()
    python_that(path, "id", "echo 1000")
    python_that(path, "python3", 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac')
    done = set_up(clone_of_setup(tmp_path), path)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "python3 can't make virtual environments; as root, run: apt-get install python3.11-venv\n"
    )


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("false", 0), ("true", 1)])
def test_browser_tests_are_reported_as_not_run_and_fail_ci_where_chromium_is_absent(
    tmp_path: Path, ci: str, code: int
) -> None:
    shutil.copy(ROOT / "conftest.py", tmp_path / "conftest.py")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
    (tmp_path / "test_page.py").write_text(BROWSER_TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {**os.environ, "PATH": str(tmp_path), "CI": ci}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("NOT RUN: 1 tests. Chromium" in done.stdout) is (code == 0)
    assert ("CI has to run this test." in done.stdout) is (code == 1)
    assert "1 passed" in done.stdout
