"""Signed in at both, Hallpass and npm's oidc-provider answer the same of codes, tokens, sessions, keys and hints."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
import pytest
from starlette.applications import Starlette

from store.database import Connection
from store.relying_parties import insert_relying_party
from tests.oidc import calibration_steps as steps
from tests.oidc.keyholder import KeyHolder, keyed
from tests.oidc.parties import BACK, OTHER, Party, as_ours, led, oidc_provider, told
from tests.oidc.world import PARK, Clock, http_of, person

pytestmark = [pytest.mark.node, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class _Case:
    """`ours`: what Hallpass answers where it isn't what the peer answers, and `why`."""

    name: str
    ask: Callable[[Party], Awaitable[httpx2.Response]]
    ours: str | None = None
    why: str = ""
    tell: Callable[[httpx2.Response], str] = told


CODES = (
    _Case("a code", lambda at: at.redeem()),
    _Case("another verifier", lambda at: at.redeem(code_verifier="w" * 64)),
    _Case(
        "no verifier",
        lambda at: at.redeem(code_verifier=""),
        ours="400 invalid_request | - | no-store",
        why="RFC 6749 5.2: a parameter is missing; the peer calls the code wrong",
    ),
    _Case(
        "a verifier that is too short",
        lambda at: at.redeem(code_verifier="v"),
        ours="400 invalid_grant | - | no-store",
        why="RFC 7636 4.6: it doesn't match; the peer looks at its form before",
    ),
    _Case("another redirect_uri", lambda at: at.redeem(redirect_uri="https://reports.example/other")),
    _Case("no redirect_uri", lambda at: at.redeem(redirect_uri="")),
    _Case("a code of another client", lambda at: at.redeem(client="other")),
    _Case("a code of another client, by one without a secret", lambda at: at.redeem(client="browser")),
    _Case("a code twice", steps.redeemed_twice),
    _Case("the access token of a code that came twice", lambda at: steps.redeemed_twice(at, "access_token")),
    _Case("the refresh token of a code that came twice", lambda at: steps.redeemed_twice(at, "refresh_token")),
    _Case("a code after a minute", steps.late_code),
    _Case("a code for an unknown resource", lambda at: at.redeem(resource="https://x/")),
    _Case("refreshed", steps.refreshed),
    _Case("narrower", lambda at: steps.refreshed(at, scope="openid")),
    _Case("narrower and wide again", steps.narrowed),
    _Case("wider", lambda at: steps.refreshed(at, scope="openid directory.read")),
    _Case("refreshed by another client", lambda at: steps.refreshed(at, client="other")),
    _Case("an access token as refresh token", lambda at: steps.crossed(at, "access_token")),
    _Case("an ID token as refresh token", lambda at: steps.crossed(at, "id_token")),
    _Case("a refresh token twice", steps.reused),
    _Case("the newer refresh token of one that came twice", lambda at: steps.reused(at, "refresh_token")),
    _Case("the access token of one that came twice", lambda at: steps.reused(at, "access_token")),
)


TOKENS = (
    _Case("an access token", lambda at: steps.introspected(at, "access_token")),
    _Case("a refresh token", lambda at: steps.introspected(at, "refresh_token")),
    _Case(
        "an ID token", lambda at: steps.introspected(at, "id_token"),
        ours="200 inactive | - | no-store",
        why="RFC 7662 2.2: no error for what is no token of that kind",
    ),
    _Case("another's access token", lambda at: steps.introspected(at, "access_token", "other")),
    _Case(
        "another's refresh token", lambda at: steps.introspected(at, "refresh_token", "other"),
        ours="200 inactive | - | no-store",
        why="RFC 7662 4: told to nobody but its client; the peer tells each",
    ),
    _Case(
        "asked without a secret", lambda at: steps.introspected(at, "access_token", "browser"),
        ours="401 invalid_client | Basic | no-store",
        why="RFC 7662 2.1: whoever asks proves itself; the peer tells it that the token is not active",
    ),
    _Case("a used refresh token", steps.used),
    _Case("an access token after its time", lambda at: steps.late(at, at.introspect)),
    _Case("revoked", lambda at: steps.revoked(at, "access_token")),
    _Case("revoked: it", lambda at: steps.revoked(at, "access_token", "access_token")),
    _Case("revoked: the refresh token beside it", lambda at: steps.revoked(at, "access_token", "refresh_token")),
    _Case("a revoked refresh token", lambda at: steps.revoked(at, "refresh_token")),
    _Case("a revoked refresh token: it", lambda at: steps.revoked(at, "refresh_token", "refresh_token")),
    _Case("a revoked refresh token: the access token", lambda at: steps.revoked(at, "refresh_token", "access_token")),
    _Case("revoked under a wrong hint", lambda at: steps.revoked(
        at, "refresh_token", "refresh_token", token_type_hint="access_token"
    )),
    _Case("revoked under an unknown hint", lambda at: steps.revoked(at, "refresh_token", token_type_hint="nonsense")),
    _Case(
        "an ID token revoked", lambda at: steps.revoked(at, "id_token"),
        ours="200 | - | no-store",
        why="RFC 7009 2.2: a token that is none causes no error",
    ),
    _Case(
        "revoked by another", lambda at: steps.revoked(at, "refresh_token", client="other"),
        ours="200 | - | no-store",
        why="as unknown: an error would tell that the token exists. Nothing changes, as the next one shows",
    ),
    _Case("revoked by another: it", lambda at: steps.revoked(at, "refresh_token", "refresh_token", client="other")),
    _Case("userinfo", steps.own_userinfo),
    _Case("userinfo, posted", lambda at: steps.posted_userinfo(at, in_form=False)),
    _Case(
        "userinfo with the token in a form",
        lambda at: steps.posted_userinfo(at, in_form=True),
        ours="401 invalid_token | Bearer | no-store",
        why="RFC 6750 2.2 is left to resource servers; here a token has one place, the header",
    ),
    _Case(
        "userinfo without a token", steps.bare_userinfo,
        ours="401 invalid_token | Bearer | no-store",
        why="RFC 9449 7.1 leaves the second challenge open; discovery names the algorithms",
    ),
    _Case(
        "userinfo with a password", lambda at: steps.bare_userinfo(at, auth=("reporting", "x")),
        ours="401 invalid_token | Bearer invalid_token | no-store",
        why="RFC 6750 3: what asks for another way to authenticate is a 401",
    ),
    _Case(
        "userinfo with an empty token", lambda at: steps.bare_userinfo(at, headers={"Authorization": "Bearer"}),
        ours="401 invalid_token | Bearer invalid_token | no-store",
        why="whatever isn't a good token is a 401, so that the client gets a new one",
    ),
    _Case("userinfo with an unknown token", lambda at: at.userinfo("x")),
    _Case("userinfo with the token in the address", steps.in_address),
    _Case("userinfo with a token twice", lambda at: steps.own_userinfo(at, params={"access_token": "x"})),
    _Case("userinfo with a revoked token", steps.revoked_and_used),
    _Case("userinfo with a token after its time", lambda at: steps.late(at, at.userinfo)),
    _Case("userinfo with a system's token", steps.system_s),
    _Case("userinfo with a token of another scope", lambda at: steps.of_scope(at, "profile")),
    _Case("userinfo with a modified token", steps.modified),
)  # fmt: skip


PROOFS = (
    _Case("a proof", steps.bound),
    _Case("no nonce", lambda at: steps.bound(at, nonce=None)),
    _Case("another nonce", lambda at: steps.bound(at, nonce="x")),
    _Case("no htu", lambda at: steps.bound(at, htu=None)),
    _Case("another htu", lambda at: steps.bound(at, htu="https://x.example/")),
    _Case("another method", lambda at: steps.bound(at, htm="GET")),
    _Case("no jti", lambda at: steps.bound(at, jti=None)),
    _Case("no iat", lambda at: steps.bound(at, iat=None)),
    _Case(
        "a proof twice", steps.proof_twice,
        ours="400 invalid_dpop_proof | - | no-store",
        why="RFC 9449 5: the proof is what is wrong",
    ),
    _Case("a header that is no proof", lambda at: at.post(
        "token", {"grant_type": "client_credentials"}, headers={"DPoP": "x"}
    )),
    _Case("a bound token", steps.bound_userinfo),
    _Case("a bound token as bearer", lambda at: steps.bound_userinfo(at, "Bearer", proven=False)),
    _Case(
        "a bound token without a proof", lambda at: steps.bound_userinfo(at, proven=False),
        ours="401 invalid_dpop_proof | DPoP invalid_dpop_proof | no-store",
        why="RFC 9449 7.1: 401 with a challenge",
    ),
    _Case("a bound token with another's proof", lambda at: steps.bound_userinfo(at, holder=KeyHolder(at.now))),
    _Case("a bound token with a proof of another token", lambda at: steps.bound_userinfo(at, ath=at.hashed("x"))),
    _Case("a bound token with a proof of no token", lambda at: steps.bound_userinfo(at, ath=None)),
    _Case("a bound token without a nonce", lambda at: steps.bound_userinfo(at, nonce=None)),
    _Case("a bearer token with a proof", steps.unbound_userinfo),
    _Case(
        "a bound refresh token without a proof", steps.bound_refresh,
        ours="400 invalid_dpop_proof | - | no-store",
        why="what began bound stays bound; the peer binds refresh tokens only of clients without a secret (RFC 9449 5)",
    ),
)  # fmt: skip


ASSERTIONS = (
    _Case("an assertion", steps.asserted),
    _Case("to the token endpoint", lambda at: steps.asserted(at, aud=at.metadata["token_endpoint"])),
    _Case("to somebody else", lambda at: steps.asserted(at, aud="https://x.example/")),
    _Case("expired", lambda at: steps.asserted(at, exp=int(at.now.timestamp()) - 60)),
    _Case("no exp", lambda at: steps.asserted(at, exp=None)),
    _Case("no jti", lambda at: steps.asserted(at, jti=None)),
    _Case("of another client", lambda at: steps.asserted(at, iss="reporting", sub="reporting")),
    _Case("of an unknown client", lambda at: steps.asserted(at, iss="nobody", sub="nobody")),
    _Case("iss and sub differ", lambda at: steps.asserted(at, iss="reporting")),
    _Case("an unknown key", lambda at: steps.asserted(at, {"kid": "x"})),
    _Case("an assertion twice", steps.assertion_twice),
    _Case(
        "another client_id beside it",
        lambda at: steps.changed_assertion(at, client_id="reporting"),
        ours="401 invalid_client | Basic | no-store",
        why="RFC 7521 4.2.1: the client isn't proven",
    ),
    _Case(
        "another type",
        lambda at: steps.changed_assertion(at, client_assertion_type="x"),
        ours="401 invalid_client | Basic | no-store",
        why="RFC 6749 5.2: an unsupported way to authenticate",
    ),
    _Case(
        "no JWT",
        lambda at: steps.changed_assertion(at, client_assertion="x"),
        ours="401 invalid_client | Basic | no-store",
        why="RFC 7521 4.2.1: the assertion isn't valid",
    ),
    _Case("a secret beside it", lambda at: steps.changed_assertion(at, client_secret="x")),
)


SESSIONS = (
    _Case("a session", lambda at: at.authorize(), tell=led),
    _Case("nobody is asked", lambda at: at.authorize(prompt="none"), tell=led),
    _Case("asked to sign in again", lambda at: at.authorize(prompt="login"), tell=led),
    _Case("max_age is over", lambda at: steps.aged(at, max_age="50"), tell=led),
    _Case("max_age is over and nobody is asked", lambda at: steps.aged(at, max_age="50", prompt="none"), tell=led),
    _Case("max_age isn't over", lambda at: at.authorize(max_age="100000", prompt="none"), tell=led),
    _Case("max_age is nothing", lambda at: at.authorize(max_age="0"), tell=led),
    _Case("a hint", lambda at: steps.hinted(at, prompt="none"), tell=led),
    _Case("a hint of somebody else", steps.others_hint, tell=led),
    _Case("a hint of somebody else and nobody is asked", lambda at: steps.others_hint(at, prompt="none"), tell=led),
    _Case("a hint that is no token", lambda at: at.authorize(id_token_hint="x"), tell=led),
    _Case("a hint of another client", steps.foreign_hint, tell=led),
    _Case("out: an address that isn't registered", lambda at: steps.out(
        at, post_logout_redirect_uri="https://evil.example/"
    ), tell=led),
    _Case("out: a modified hint", lambda at: steps.out(at, changed=True, post_logout_redirect_uri=BACK), tell=led),
    _Case("out: no token", lambda at: at.end_session(id_token_hint="x"), tell=led),
    _Case("out: another client", lambda at: steps.out(at, client_id="other"), tell=led),
    _Case("out: an unknown client", lambda at: at.end_session(client_id="nobody"), tell=led),
    _Case("out: nothing", lambda at: at.end_session(), tell=led),
    _Case("out: a client", lambda at: at.end_session(client_id="reporting", post_logout_redirect_uri=BACK), tell=led),
    _Case(
        "out: an address without a client", lambda at: at.end_session(post_logout_redirect_uri=BACK), tell=led,
        ours="page 400",
        why="the page says why it leads nowhere; the peer drops the address in silence",
    ),
    _Case("out: repeated", lambda at: at.http.get(
        at.metadata["end_session_endpoint"], params=[("client_id", "reporting"), ("client_id", "reporting")]
    ), tell=led),
    _Case(
        "out: a hint", lambda at: steps.out(at, post_logout_redirect_uri=BACK, state="s"), tell=led,
        ours="https://reports.example/bye?state=s",
        why="RP-Initiated Logout 2: the ID token is of this session, so nobody needs to be asked; the peer always asks",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def holder() -> KeyHolder:
    return KeyHolder(datetime.now(UTC))


@pytest.fixture(scope="module")
def peer(holder: KeyHolder) -> Iterator[str]:
    with oidc_provider(holder) as address:
        yield address


@pytest.fixture
async def both(
    app: Starlette, peer: str, holder: KeyHolder, connection: Connection, clock: Clock
) -> AsyncIterator[tuple[Party, Party]]:
    """Ana is signed in at each; what Bo was given is kept beside."""
    clock.now = datetime.now(UTC)
    for client in (OTHER, keyed(holder)):
        await insert_relying_party(connection, client)
    await connection.execute(
        "update relying_parties set post_logout_redirect_uris = $1 where client_id in ('reporting', 'other')", [BACK]
    )
    for name in ("ana", "bo"):
        await person(connection, name, ("site-coordinator", PARK))
    async with (
        http_of(app) as ours,
        httpx2.AsyncClient(base_url=peer) as theirs,
        http_of(app) as bo_s,
        httpx2.AsyncClient(base_url=peer) as bo_s_there,
    ):
        here = await Party.opened(ours, holder, clock)
        there = await Party.opened(theirs, holder)
        for at, stranger in (
            (here, await Party.opened(bo_s, holder, clock)),
            (there, await Party.opened(bo_s_there, holder)),
        ):
            await at.sign_in("ana")
            await stranger.sign_in("bo")
            at.kept["bo"] = await stranger.tokens()
        yield here, there


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(CODES, id="codes and refresh tokens"),
        pytest.param(TOKENS, id="introspection, revocation, userinfo"),
        pytest.param(PROOFS, id="proofs of possession"),
        pytest.param(ASSERTIONS, id="client assertions"),
        pytest.param(SESSIONS, id="sessions and signing out"),
    ],
)
async def test_answered_alike(both: tuple[Party, Party], cases: tuple[_Case, ...]) -> None:
    here, there = both
    found = {case.name: (case.tell(await case.ask(here)), case.tell(await case.ask(there))) for case in cases}
    assert {name: mine for name, (mine, _) in found.items()} == {
        case.name: case.ours or as_ours(found[case.name][1]) for case in cases
    }
    gone = [case.name for case in cases if case.ours is not None and case.ours == as_ours(found[case.name][1])]
    assert gone == [], "these differences are gone: take them out of the table"
