"""Hash threads: as set, else as many as leave each worker a core."""

from pathlib import Path

import pytest

from gateway.settings import Settings
from gateway.signin import hash_threads as subject


@pytest.mark.parametrize(
    ("cores", "workers", "written", "threads"),
    [(1, 1, 0, 1), (2, 1, 0, 1), (4, 1, 0, 3), (8, 2, 0, 3), (8, 8, 0, 1), (2, 4, 0, 1), (2, 1, 6, 6)],
)
def test_threads(monkeypatch: pytest.MonkeyPatch, cores: int, workers: int, written: int, threads: int) -> None:
    def affinity(_: int) -> set[int]:
        return set(range(cores))

    monkeypatch.setattr(subject.os, "sched_getaffinity", affinity, raising=False)
    settings = Settings(Path(), "", workers=workers, hash_threads=written)
    assert subject.hash_threads(settings) == threads


def test_without_the_systems_word_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(subject.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(subject.os, "cpu_count", lambda: None)
    assert subject.hash_threads(Settings(Path(), "")) == 1
