"""Asks the advisory service whether a locked Python package has a known weakness.

Exit codes: 0 none known, 1 some are, 2 not or not wholly checked: what nobody looked at never passes for sound.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements/test.txt", "requirements/uv.txt")
NONE_KNOWN, SOME_KNOWN, NOT_CHECKED = range(3)


def main() -> int:
    packages, trouble = ask()
    if packages is None:
        print(f"Not checked: the advisory service could not be asked ({trouble}). Try again with a network.")
        return NOT_CHECKED
    found = [f"{package['name']} {package['version']}: {sentence(weakness)}" for package, weakness in weak(packages)]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    print(*found, sep="\n", end="\n" if found else "")
    if skipped:
        print(
            f"{len(skipped)} of {len(packages)} packages not checked, the service doesn't know them: {names(skipped)}."
        )
    elif not found:
        print(f"{len(packages)} locked packages, no known weakness.")
    return SOME_KNOWN if found else NOT_CHECKED if skipped else NONE_KNOWN


def ask() -> tuple[list[dict[str, Any]] | None, str]:
    """pip-audit's dependencies, or None and the last line of what went wrong."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        locks = [word for lock in LOCKS for word in ("--requirement", lock)]
        options = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json", f"--output={report}"]
        command = [sys.executable, "-m", "pip_audit", *locks, *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        # pip-audit's own exit code is the same for a weakness found and for a service out of reach
        if report.exists() and report.stat().st_size:
            return json.loads(report.read_text())["dependencies"], ""
    return None, (done.stderr.strip().splitlines() or ["no message"])[-1].split(" (Caused by")[0]


def weak(packages: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(package, weakness) for package in packages for weakness in package.get("vulns", [])]


def names(packages: list[str], shown: int = 5) -> str:
    rest = f" and {len(packages) - shown} more" if len(packages) > shown else ""
    return ", ".join(packages[:shown]) + rest


def sentence(weakness: dict[str, Any]) -> str:
    """The advisory's id and the versions that mend it."""
    mended = ", ".join(weakness["fix_versions"]) or "no version yet"
    return f"{weakness['id']}, mended in {mended}"


if __name__ == "__main__":
    sys.exit(main())
