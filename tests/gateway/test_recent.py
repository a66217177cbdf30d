"""Bounded memories: what was used least lately goes first, and as soon as together they are too heavy."""

from gateway.recent import Recent, Weighed


def test_the_one_that_was_used_least_lately_goes_first() -> None:
    kept = Recent[str, int](2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]
    kept.drop("a")
    kept.drop("never there")
    assert "a" not in kept
    assert len(kept) == 1


def test_together_they_weigh_no_more_than_they_may() -> None:
    kept = Weighed[str, list[int]](10, 4, lambda _, value: len(value))
    growing = [1]
    kept.put("a", growing)
    kept.put("b", [1, 2])
    assert (len(kept), "a" in kept) == (2, True)
    growing += [2, 3]
    kept.weigh("a")
    kept.put("c", [])
    assert [key in kept for key in "abc"] == [False, True, True]
    kept.put("b", [1])
    kept.put("d", [1, 2, 3])
    assert [key in kept for key in "bcd"] == [True, True, True]
    kept.put("e", [1] * 5)
    assert len(kept) == 0  # too heavy alone, it takes no place either
