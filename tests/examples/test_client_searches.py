"""The client's searches are complete, or an error."""

import json
from typing import Any

import pytest

from examples.decisions_client import RefusedError
from tests.examples.answering import (
    PARK,
    SITE,
    VERSION,
    VIEW,
    Gateway,
    saying,
)


def _page(*ids: str, token: str = "", version: str | None = VERSION, **changes: Any) -> dict[str, Any]:
    context = {} if version is None else {"access_version": version}
    results = [{"type": "organization", "id": one} for one in ids]
    return {"page": {"next_token": token, "count": len(ids)}, "context": context, "results": results, **changes}


def test_a_search_follows_every_page() -> None:
    gateway = Gateway([saying(_page("a", token="t1")), saying(_page("b", token="t2")), saying(_page("c"))])
    assert gateway.client().resources(SITE, VIEW, "organization") == ["a", "b", "c"]
    tokens = [json.loads(request.content)["page"].get("token") for request in gateway.asked]
    assert tokens == [None, "t1", "t2"]


def test_a_search_begins_again_when_access_changed_between_two_pages() -> None:
    pages = [saying(_page("a", token="t1")), saying("Access has changed.", 400), saying(_page("b"))]
    assert Gateway(pages).client().resources(SITE, VIEW, "organization") == ["b"]
    for_ever = [saying(_page("a", token="t1")), saying("Access has changed.", 400)] * 5
    with pytest.raises(RefusedError):
        Gateway(for_ever).client().resources(SITE, VIEW, "organization")


PAGES: dict[str, list[Any]] = {
    "no count": [_page("a", page={"next_token": ""})],
    "wrong count": [_page("a", page={"next_token": "", "count": 2})],
    "no token": [_page("a", page={"count": 1})],
    "no version": [_page("a", version=None)],
    "two versions": [_page("a", token="t"), _page("b", version="5d3a9c714e2b8f06")],
    "a reason and results": [_page("a", context={"access_version": VERSION, "reason": "suspended"})],
    "nothing and no reason": [_page(version=None)],
    "without an end": [_page("a", token="t"), _page("b", token="t")],
    "one twice": [_page("a", token="t"), _page("a")],
    "of another kind": [_page(page={"next_token": "", "count": 1}, results=[{"type": "user", "id": "x"}])],
    "more than known": [_page("a") | {"truncated": True}],
    "the second page fails": [_page("a", token="t"), []],
}


@pytest.mark.parametrize("pages", PAGES.values(), ids=PAGES)
def test_a_search_is_complete_or_an_error(pages: list[Any]) -> None:
    gateway = Gateway([saying(page) for page in pages])
    with pytest.raises(RefusedError):
        gateway.client().resources(SITE, VIEW, "organization")


def test_a_reason_explains_an_empty_search() -> None:
    empty = _page(context={"reason": "active-role-missing"})
    assert Gateway([saying(empty)]).client().resources(SITE, VIEW, "organization") == []


def test_an_unknown_permission_is_no_complete_search_for_actions() -> None:
    for name, good in (("cers:results:view", True), ("cers:results:rewrite", False)):
        page = _page(page={"next_token": "", "count": 1}, results=[{"name": name}])
        client = Gateway([saying(page)]).client()
        if good:
            assert client.actions(SITE, PARK) == [name]
        else:
            with pytest.raises(RefusedError):
                client.actions(SITE, PARK)
