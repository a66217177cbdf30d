"""Trusted documents: asked for by their hash, and where the operator wants it nothing else is run."""

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.console.documents import operation, own_documents
from gateway.graphql.service import service_in
from gateway.settings import SettingsError
from gateway.state import Gateway
from tests.graphql.conftest import AsCaller
from tests.graphql.settings import asked_under

WHO = "query Who { viewer { user { firstName } } }"
OTHER = "{ viewer { accessVersion } }"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({digest(WHO): WHO}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": f"sha256:{digest(WHO)}"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(WHO)}}},
        {"query": WHO, "documentId": f"sha256:{digest(WHO)}"},
        {"query": WHO},
    ],
)
@pytest.mark.parametrize("only", [True, False])
async def test_a_trusted_document_is_run(
    as_person: AsCaller, gateway: Gateway, manifest: Path, named: dict[str, Any], only: bool
) -> None:
    asking = await as_person("primary")
    async with asked_under(gateway, graphql_trusted_documents=manifest, graphql_trusted_only=only) as http:
        posted = await http.post("/graphql", json=named, headers=asking.headers)
        assert posted.json()["data"] == {"viewer": {"user": {"firstName": "Primary"}}}
        params = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in named.items()}
        assert (await http.get("/graphql", params=params, headers=asking.headers)).json()["data"] == posted.json()[
            "data"
        ]


@pytest.mark.parametrize(
    ("named", "code", "said"),
    [
        ({"query": OTHER}, "PERSISTED_QUERY_NOT_FOUND", "Only trusted documents"),
        ({"query": OTHER, "documentId": f"sha256:{digest(OTHER)}"}, "PERSISTED_QUERY_NOT_FOUND", "Only trusted"),
        ({"documentId": f"sha256:{digest(OTHER)}"}, "PERSISTED_QUERY_NOT_FOUND", "no trusted document"),
        ({"query": OTHER, "documentId": f"sha256:{digest(WHO)}"}, "BAD_USER_INPUT", "isn't that of the document"),
        ({"documentId": digest(WHO)}, "BAD_USER_INPUT", "`documentId` must be sha256:"),
        ({"documentId": 7}, "BAD_USER_INPUT", "`documentId` must be sha256:"),
        ({"documentId": f"sha256:{digest(WHO).upper()}"}, "BAD_USER_INPUT", "`documentId` must be sha256:"),
        ({"extensions": {"persistedQuery": 1}}, "BAD_USER_INPUT", "sha256Hash"),
        ({"extensions": {"persistedQuery": {"sha256Hash": "x"}}}, "BAD_USER_INPUT", "sha256Hash"),
    ],
)
async def test_nothing_else_is_run_where_the_operator_wants_it(
    gateway: Gateway, manifest: Path, named: dict[str, Any], code: str, said: str
) -> None:
    async with asked_under(gateway, graphql_trusted_documents=manifest, graphql_trusted_only=True) as http:
        response = await http.post("/graphql", json=named, headers={"Accept": "application/graphql-response+json"})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert said in error["message"]


async def test_a_document_is_not_remembered_because_it_came_with_its_hash(http: httpx2.AsyncClient) -> None:
    """Apollo's clients may send text and hash: nobody adds trusted documents that way."""
    both = {"query": OTHER, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(OTHER)}}}
    assert (await http.post("/graphql", json=both)).json()["data"] == {"viewer": None}
    by_hash = await http.post("/graphql", json={"extensions": both["extensions"]})
    assert by_hash.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_our_own_pages_documents_are_always_trusted(as_person: AsCaller, gateway: Gateway) -> None:
    asking = await as_person("primary")
    async with asked_under(gateway, graphql_trusted_only=True) as http:
        for text in own_documents():
            response = await http.post(
                "/graphql", json={"documentId": f"sha256:{digest(text)}"}, headers=asking.headers
            )
            (error,) = response.json().get("errors", [None])[:1] or [None]
            assert error is None or error["extensions"]["code"] != "PERSISTED_QUERY_NOT_FOUND"
        assert (await http.get("/", headers={**asking.headers, "Accept": "text/html"})).status_code == 200
    assert operation("Viewer")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "isn't JSON at line 1, column 2"),
        ("[]", "one JSON object"),
        (json.dumps({"abc": WHO}), "isn't the SHA-256"),
        (json.dumps({digest(WHO): 7}), "isn't the text of a document"),
        (json.dumps({digest("{ nothing }"): "{ nothing }"}), "can't be run"),
    ],
)
async def test_a_manifest_that_is_none_is_refused_at_the_start(
    gateway: Gateway, tmp_path: Path, content: str, said: str
) -> None:
    from dataclasses import replace

    from gateway.app import create_app

    path = tmp_path / "manifest.json"
    path.write_text(content, encoding="utf-8")
    changed = replace(gateway, settings=replace(gateway.settings, graphql_trusted_documents=path))
    with pytest.raises(SettingsError, match=said):
        service_in(create_app(changed.settings), changed)


@pytest.fixture
def documented_manifest(tmp_path: Path) -> Path:
    """The manifest of one document, made by the script of docs/graphql.md."""
    page = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```sh\n(python3 - documents.*?)```", page, re.DOTALL)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "who.graphql").write_text(WHO, encoding="utf-8")
    subprocess.run(["sh", "-c", script], check=True, cwd=tmp_path)
    return tmp_path / "manifest.json"


async def test_the_documented_way_to_a_manifest(
    as_person: AsCaller, gateway: Gateway, documented_manifest: Path
) -> None:
    asking = await as_person("primary")
    async with asked_under(gateway, graphql_trusted_documents=documented_manifest, graphql_trusted_only=True) as http:
        named = {"documentId": f"sha256:{digest(WHO)}"}
        response = await http.post("/graphql", json=named, headers=asking.headers)
        assert response.json()["data"] == {"viewer": {"user": {"firstName": "Primary"}}}
