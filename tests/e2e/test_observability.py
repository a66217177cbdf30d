"""What operators see of a running process: probes, figures, and a log of JSON lines that holds no secret."""

import re
import secrets as random
from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.gateway_process import GatewayProcess, GatewayProcesses, wait_for
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import SignedIn, access_token, sign_in
from tests.e2e.state import State, external
from tests.oidc.world import CALLBACK, PASSWORD, REPORTING, bearer

SSID = "8452301967"
DECIDE = """query ($check: Check!) { decide(check: $check) { allowed reason } }"""


@pytest.fixture(scope="module")
def talkative(processes: GatewayProcesses, state: State) -> Iterator[GatewayProcess]:
    """A gateway that logs all it can say, of which operators turn most off."""
    with processes.running(external(state.url) | {"HALLPASS_LOG_LEVEL": "debug"}) as started:
        yield started


@pytest.fixture(scope="module")
def ana(talkative: GatewayProcess, state: State, secrets: SecretValues) -> SignedIn:
    return sign_in(talkative.url, "ana", secrets)[0]


def test_probes(talkative: GatewayProcess) -> None:
    alive = httpx2.get(talkative.url + "/healthz")
    assert (alive.status_code, alive.text) == (200, "ok\n")
    ready = httpx2.get(talkative.url + "/readyz")
    checks = [{"name": name, "ok": True} for name in ("database", "migrations", "keys")]
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "checks": checks})
    for answer in (alive, ready):
        assert answer.headers["cache-control"] == "no-store"


def test_figures_count_requests_by_route_and_never_by_address(talkative: GatewayProcess) -> None:
    before = _figure(talkative, 'hallpass_requests_total{method="GET",route="/signin",status="200"}')
    for number in range(3):
        httpx2.get(f"{talkative.url}/signin", params={"next": f"/{number}"})
        httpx2.get(f"{talkative.url}/nowhere/{number}")
    text = httpx2.get(talkative.url + "/metrics").text
    assert _figure(talkative, 'hallpass_requests_total{method="GET",route="/signin",status="200"}') == before + 3
    assert _figure(talkative, 'hallpass_requests_total{method="GET",route="(no route)",status="404"}') >= 3
    assert _figure(talkative, 'hallpass_database_connections{state="limit"}') == 10
    assert _figure(talkative, "hallpass_process_memory_bytes") > 10_000_000
    assert 'hallpass_request_duration_seconds_bucket{le="0.01",method="GET",route="/signin"}' in text
    assert "/nowhere" not in text


def test_each_request_is_one_line_under_the_number_that_its_caller_sees(
    talkative: GatewayProcess, ana: SignedIn
) -> None:
    with ana.at(talkative.url) as http:
        answers = [http.get("/oauth2/jwks"), http.get("/nowhere"), http.post("/graphql", json={"query": "{"})]
    _wait_for_lines(talkative, answers)
    told = [
        [line for line in talkative.log_lines() if line.get("request_id") == answer.headers["x-request-id"]]
        for answer in answers
    ]
    assert [[(line["route"], line["method"], line["status"]) for line in lines] for lines in told] == [
        [("/oauth2/jwks", "GET", 200)],
        [("(no route)", "GET", 404)],
        [("/graphql", "POST", 200)],
    ]
    assert all(lines[0]["milliseconds"] > 0 for lines in told)


@pytest.mark.checklist("59 a log")
def test_the_log_holds_none_of_the_secrets_that_reached_the_gateway(
    processes: GatewayProcesses, talkative: GatewayProcess, ana: SignedIn, secrets: SecretValues
) -> None:
    """Sent where they belong, and where they don't: in addresses, wrong fields, malformed bodies and headers."""
    token = access_token(talkative.url, ana, secrets)
    secrets.keep(PASSWORD, SSID)
    sent = list(_misplaced(talkative, ana, token, secrets))
    assert all(answer.status_code < 500 for answer in sent), [answer.url for answer in sent]
    _wait_for_lines(talkative, sent)
    assert secrets.found_in(talkative.log_text()) == []
    assert len(secrets) > 20
    processes.judge(talkative)


def test_the_search_finds_what_it_is_to_find(secrets: SecretValues) -> None:
    """Else an empty answer would mean nothing."""
    found = SecretValues()
    found.keep(
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0xMjM0NTY3ODkwMTIzNDU2.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU", SSID
    )
    found.keep_basic("reporting", "a secret/of?some kind")
    for text in (
        "only the signature c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU of it",
        f"ssid={SSID}",
        "client_secret=a%20secret%2Fof%3Fsome%20kind",
        "client_secret=a+secret/of?some+kind",
        "Basic cmVwb3J0aW5nOmEgc2VjcmV0L29mP3NvbWUga2luZA==",
    ):
        assert len(found.found_in(text)) == 1, text
    assert found.found_in("nothing of it") == []


def _wait_for_lines(gateway: GatewayProcess, answers: list[httpx2.Response]) -> None:
    """A request's line is written when its answer is out."""
    numbers = [answer.headers["x-request-id"] for answer in answers]
    wait_for(lambda: all(number in gateway.log_text() for number in numbers), lambda: f"not all of {numbers}", 10)


def _misplaced(gateway: GatewayProcess, ana: SignedIn, token: str, secrets: SecretValues) -> Iterator[httpx2.Response]:
    def fresh() -> str:
        made = random.token_urlsafe(24)
        secrets.keep(made)
        return made

    with httpx2.Client(base_url=gateway.url, timeout=30) as http:
        page = http.get("/signin", params={"login_hint": "ana@example.org", "password": fresh(), "code": fresh()})
        form = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert form is not None
        secrets.keep(form.group(1), *http.cookies.values())
        yield page
        yield http.post("/signin", data={"email": "ana@example.org", "password": fresh(), "csrf": form.group(1)})
        yield http.post("/signin", data={"email": fresh(), "password": fresh(), "csrf": fresh()})
        yield http.get(f"/signin/invitation/{fresh()}", params={"token": fresh()})
        yield http.get(f"/{fresh()}", params={"access_token": token})
        yield http.get("/graphql", params={"query": "{ viewer { user { id } } }", "access_token": token})
        yield http.post("/graphql", json={"query": "{ viewer { user { id } } }"}, headers=bearer(fresh()))
        yield http.post("/graphql", content=f'{{"query": "{fresh()}', headers={"Content-Type": "application/json"})
        yield http.post("/graphql", json={"query": f'{{ user(by: {{email: "{fresh()}"}}) {{ {fresh()[:8]} }} }}'})
        yield http.get("/oauth2/userinfo", headers=bearer(token))
        yield http.get("/oauth2/userinfo", headers=bearer(token[:-4]))
        yield http.get("/oauth2/userinfo", headers={"Authorization": f"Basic {fresh()}"})
        yield http.get("/oauth2/authorize", params={"client_id": fresh(), "redirect_uri": CALLBACK, "state": fresh()})
        yield _token_request(http, (REPORTING.client_id, fresh()), grant_type="client_credentials")
        yield _token_request(http, None, grant_type=fresh(), client_secret=fresh(), code=fresh(), code_verifier=fresh())
        yield _token_request(http, None, client_id=fresh(), grant_type="refresh_token", refresh_token=fresh())
        yield http.get("/", headers={"Cookie": f"hallpass-session={fresh()}", "X-Request-ID": fresh()})
    with ana.at(gateway.url) as http:
        check = {
            "permission": "toms:student-tests:view",
            "program": "caaspp",
            "student": {"id": SSID, "organization": {"code": {"level": "SCHOOL", "code": "19647331930000"}}},
        }
        decided = http.post("/graphql", json={"query": DECIDE, "variables": {"check": check}})
        assert decided.json()["data"] == {"decide": {"allowed": True, "reason": "GRANTED"}}
        yield decided
        yield http.post("/graphql", json={"query": DECIDE, "variables": {"check": {**check, "student": SSID}}})


def _token_request(http: httpx2.Client, auth: tuple[str, str] | None, **form: str) -> httpx2.Response:
    return http.post("/oauth2/token", data=form, auth=auth or httpx2.USE_CLIENT_DEFAULT)


def _figure(gateway: GatewayProcess, name: str) -> float:
    lines = httpx2.get(gateway.url + "/metrics").text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + " ")), 0.0)
