"""Keyset pages: what may be asked for, and cursors that are garbage, forged or of another list."""

import pytest

from store.pages import COUNTED_EXACTLY, PageRefusedError, PageRequest, count_of, read_cursor, write_cursor
from store.records import Count


@pytest.mark.parametrize("first", [0, -1, 101, 10**9])
def test_first_is_1_to_100(first: int) -> None:
    with pytest.raises(PageRefusedError, match="1 to 100") as refused:
        PageRequest(first)
    assert refused.value.argument == "first"


def test_a_cursor_is_read_back() -> None:
    cursor = write_cursor("users", "ávila ana", "b")
    assert read_cursor("users", 2, cursor) == ("ávila ana", "b")
    assert "avila" not in cursor


@pytest.mark.parametrize("text", ["", "x", "====", "é", "A" * 5000, "AAAAAAAAAAAA", "\x00", "%%%", "MTIz"])
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(PageRefusedError) as refused:
        read_cursor("users", 2, text)
    assert refused.value.argument == "after"


def test_a_changed_cursor_is_refused() -> None:
    cursor = write_cursor("users", "avila ana", "b")
    for at in range(len(cursor)):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        with pytest.raises(PageRefusedError):
            read_cursor("users", 2, changed)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(PageRefusedError, match="another list"):
        read_cursor("users", 2, write_cursor("organizations", "a", "b"))
    with pytest.raises(PageRefusedError, match="another list"):
        read_cursor("users", 2, write_cursor("users", "a"))


def test_a_count_is_exact_up_to_10_000() -> None:
    assert count_of(COUNTED_EXACTLY) == Count(10_000, 10_000)
    assert count_of(COUNTED_EXACTLY + 1) == Count(None, 10_000)
