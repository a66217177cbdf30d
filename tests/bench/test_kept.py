"""A loaded state is kept for the next run of the same code, and only when it was loaded to the end."""

from pathlib import Path

import pytest

from bench.kept import KeptState, code_version, kept_state


def test_a_state_counts_once_it_is_finished_and_replaces_those_of_its_size(tmp_path: Path) -> None:
    old, new, other = (KeptState(tmp_path, *which) for which in ((200, "aaa"), (200, "bbb"), (2000, "aaa")))
    for one in (old, other):
        one.directory.mkdir()
        one.finish()
    assert (old.is_loaded, new.is_loaded, other.is_loaded) == (True, False, True)
    with new.alone():
        new.begin()
        new.directory.mkdir()
    assert (old.is_loaded, new.is_loaded, other.is_loaded) == (False, False, True)
    new.finish()
    assert new.is_loaded


def test_the_folder_may_be_chosen_and_the_code_names_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_STATES", str(tmp_path))
    assert kept_state(200).directory == tmp_path / f"200-{code_version()}"
    assert code_version() == code_version()
