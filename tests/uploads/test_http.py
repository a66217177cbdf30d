"""Files over HTTP: who may send one, what comes in, and what can be had again."""

import csv
import io
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.cookies import Cookie
from gateway.csrf import FIELD, form_token
from gateway.state import Gateway
from gateway.uploads.working import work_on
from policy.upload_kinds import UploadState
from resolvers.uploads import receiving
from tests.graphql.world import session
from tests.oidc.world import ISSUER, http_of
from tests.uploads.files import PARK_CODE, TA, applied, move, record, send, toms

DATA = toms(("ada@valley.example", TA, PARK_CODE))
QUERY = "/uploads?format=toms&program=caaspp&name=new%20people.csv"


async def cookie(gateway: Gateway, name: str) -> dict[str, str]:
    async with gateway.pool.acquire() as connection:
        return {"Cookie": f"{Cookie.SESSION}={await session(connection, name)}"}


async def post(app: Starlette, headers: dict[str, str], path: str = QUERY, data: bytes = DATA) -> httpx2.Response:
    async with http_of(app) as http:
        return await http.post(path, content=data, headers={"Content-Type": "text/csv", **headers})


async def get(app: Starlette, headers: dict[str, str], path: str) -> httpx2.Response:
    async with http_of(app) as http:
        return await http.get(path, headers=headers)


async def count(gateway: Gateway) -> int:
    async with gateway.pool.acquire() as connection:
        return await connection.fetchval("select count(*) from uploads")


async def test_a_bare_file_comes_in_and_can_be_had_again(app: Starlette, state: Gateway) -> None:
    mine = await cookie(state, "primary")
    answer = await post(app, mine)
    assert answer.status_code == 201, answer.text
    id_ = UUID(answer.json()["id"])
    found = await record(state, id_)
    assert (found.state, found.size, found.file_name, found.version) == (
        UploadState.RECEIVED, len(DATA), "new people.csv", answer.json()["version"],
    )  # fmt: skip
    assert (await get(app, mine, f"/uploads/{id_}/report")).status_code == 404
    await move(state, id_, UploadState.VALIDATING)
    await work_on(state, id_)
    report = await get(app, mine, answer.headers["location"])
    assert report.headers["content-type"] == "text/csv; charset=utf-8"
    assert [line["Outcome"] for line in csv.DictReader(io.StringIO(report.text))] == ["created"]
    again = await get(app, mine, f"/uploads/{id_}/file")
    assert (again.content, "new%20people.csv" in again.headers["content-disposition"]) == (DATA, True)


async def test_a_form_needs_its_token_and_the_file_last(app: Starlette, state: Gateway) -> None:
    mine = await cookie(state, "primary")
    async with http_of(app) as http:
        request = http.build_request("GET", "/", headers=mine)
        token = _token(app, request)
        fields = {FIELD: token, "format": "toms", "program": "caaspp"}
        good = await http.post("/uploads", data=fields, files={"file": ("a.csv", DATA)}, headers=mine)
        assert good.status_code == 201, good.text
        assert (await record(state, UUID(good.json()["id"]))).size == len(DATA)
        bad = await http.post("/uploads", data=fields | {FIELD: "x"}, files={"file": ("a.csv", DATA)}, headers=mine)
        assert (bad.status_code, bad.json()["code"]) == (403, "FORBIDDEN")
        none = await http.post("/uploads", files={"file": ("a.csv", DATA)}, headers=mine)
        assert none.status_code == 403
        empty = await http.post("/uploads", data=fields, files={"other": ("a.csv", b"")}, headers=mine)
        assert empty.status_code == 400
    assert await count(state) == 1


def _token(app: Starlette, request: httpx2.Request) -> str:
    from starlette.requests import Request

    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    return form_token(Request({"type": "http", "app": app, "headers": headers, "path": "/", "query_string": b""})).token


async def test_other_sites_other_people_and_tokens_send_nothing(app: Starlette, state: Gateway) -> None:
    mine = await cookie(state, "primary")
    assert (await post(app, {})).status_code == 401
    assert (await post(app, await cookie(state, "teacher"))).status_code == 403
    assert (await post(app, mine | {"Origin": "https://evil.example"})).status_code == 403
    assert (await post(app, mine | {"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await post(app, mine | {"Origin": ISSUER, "Content-Type": "text/plain"})).status_code == 415
    assert await count(state) == 0
    async with state.pool.acquire() as connection:
        denied = await connection.fetchval("select count(*) from audit_events where action = 'uploadFile'")
    assert denied == 1  # the teacher's


@pytest.mark.parametrize(
    "path",
    ["/uploads?program=caaspp", "/uploads?format=toms&program=isat", "/uploads?format=toms", "/uploads?format=x"],
)
async def test_format_and_program_must_be_known(app: Starlette, state: Gateway, path: str) -> None:
    assert (await post(app, await cookie(state, "primary"), path)).status_code == 400
    assert await count(state) == 0


async def test_what_is_too_large_leaves_nothing(
    app: Starlette, state: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_BYTES", 100)
    answer = await post(app, await cookie(state, "primary"), data=b"x" * 101)
    assert answer.status_code == 413
    assert await count(state) == 0


async def test_a_hundred_megabytes_are_announced_in_vain(app: Starlette, state: Gateway) -> None:
    mine = await cookie(state, "primary") | {"Content-Length": str(101 * 2**20)}
    async with http_of(app) as http:
        answer = await http.post(QUERY, content=b"x", headers={"Content-Type": "text/csv", **mine})
    assert answer.status_code == 413


async def test_a_file_is_its_senders_alone(app: Starlette, state: Gateway) -> None:
    done = await applied(state, DATA)
    for name in ("additional", "superintendent", "far-lead"):
        for path in (f"/uploads/{done.id}/report", f"/uploads/{done.id}/file"):
            other = await get(app, await cookie(state, name), path)
            unknown = await get(app, await cookie(state, name), path.replace(str(done.id), str(UUID(int=7))))
            assert (other.status_code, other.json()["detail"]) == (404, unknown.json()["detail"])
    assert (await get(app, {}, f"/uploads/{done.id}/file")).status_code == 401


async def test_templates_and_specification(app: Starlette, state: Gateway) -> None:
    mine = await cookie(state, "primary")
    formats = (await get(app, mine, "/uploads/formats")).json()["formats"]
    toms_format = next(one for one in formats if one["code"] == "toms")
    template = await get(app, mine, toms_format["template"])
    assert template.text.removeprefix("\ufeff").startswith("First Name,Last Name,CDS Code")
    specification = await get(app, mine, toms_format["specification"])
    assert "Test Administrator" in specification.text
    assert (await get(app, mine, "/uploads/formats/nothing/template")).status_code == 404


async def test_an_applied_file_came_back_as_it_was(app: Starlette, state: Gateway) -> None:
    data = toms(*((f"p{number}@valley.example", TA, PARK_CODE) for number in range(30_000)))
    assert len(data) > 2**20
    id_ = await send(state, data)
    assert (await get(app, await cookie(state, "primary"), f"/uploads/{id_}/file")).content == data


@pytest.mark.parametrize("year", ["2019-20", "zzz", "%00"])
async def test_a_file_of_a_year_that_is_not_open_does_not_come_in(app: Starlette, state: Gateway, year: str) -> None:
    answer = await post(app, await cookie(state, "primary"), f"{QUERY}&schoolYear={year}")
    assert (answer.status_code, await count(state)) == (400, 0)
    assert "2026-27 or 2027-28" in answer.json()["detail"]
