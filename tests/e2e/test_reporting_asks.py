"""The example system asks the decision API before it shows students: a role that ends is gone with the next page."""

import re
from collections.abc import Iterator
from contextlib import suppress

import httpx2
import pytest

from gateway.demo.mix import mix
from tests.databases import data_directory
from tests.e2e.gateway_process import wait_for
from tests.gateway.prepared import prepared_serving
from tests.gateway.process import Serving

pytestmark = pytest.mark.slow
REMOVE = """mutation($ids: [ID!]!) {
  removeRoles(input: {assignments: $ids, reason: "left the school"}) { userErrors { message } }
}"""
ROLES = '{ user(by: {email: "%s"}) { assignments { nodes { id } } } }'


@pytest.fixture(scope="module")
def demo() -> Iterator[Serving]:
    """A gateway with its example system, as `make run` starts them."""
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as started:
        yield started


def signed_in(demo: Serving, name: str) -> httpx2.Client:
    http = httpx2.Client(base_url=demo.url, follow_redirects=True, timeout=30)
    page = http.get("/signin").text
    form = {"email": f"{name}@example.org", "password": mix().password, "next": "/account"}
    form["csrf"] = page.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    assert http.post("/signin", data=form).status_code == 200
    return http


def reporting(demo: Serving, http: httpx2.Client) -> tuple[str, str]:
    """The example system's address, and its first page after signing in there."""
    found = re.search(r"Example reporting system: (\S+)", demo.log.read_text(encoding="utf-8"))
    assert found is not None
    address = found[1]

    def answers() -> bool:
        with suppress(httpx2.HTTPError):
            return http.get(address).status_code == 200
        return False

    wait_for(answers, lambda: "The example system doesn't answer.")
    return address, http.get(f"{address}signin").text


@pytest.mark.parametrize("name", ["site", "teacher"])
def test_students_are_shown_until_the_role_ends(demo: Serving, name: str) -> None:
    person = signed_in(demo, name)
    address, page = reporting(demo, person)
    found = re.search(r'href="(/results/\d+/(?:schools|groups)/[^"]+)"', page)
    assert found is not None, page
    students = address.rstrip("/") + found[1]
    assert person.get(students).status_code == 200

    coordinator = signed_in(demo, "coordinator")
    json = {"Content-Type": "application/json"}
    email = f"{name}@example.org"
    roles = coordinator.post("/graphql", json={"query": ROLES % email}, headers=json).json()["data"]["user"]
    ids = [one["id"] for one in roles["assignments"]["nodes"]]
    removed = coordinator.post("/graphql", json={"query": REMOVE, "variables": {"ids": ids}}, headers=json).json()
    assert removed["data"]["removeRoles"]["userErrors"] == [], removed

    assert person.get(address).status_code == 200
    assert person.get(students).status_code == 404
