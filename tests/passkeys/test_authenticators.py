"""What is asked of authenticators, and which answers are refused (checklist 50; WebAuthn Level 3, 7.1 and 7.2)."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from policy.ids import UserId
from resolvers.passkeys.authenticators import (
    Named,
    NotVerifiedError,
    Site,
    creation_options,
    made,
    presented,
    request_options,
    used,
)
from store.passkeys import Passkey
from tests.oidc.world import NOW
from tests.passkeys.authenticator import BE, BS, EDDSA, ES256, ORIGIN, RS256, UP, UV, SoftKey, Twist, text

SITE = Site.of(ORIGIN)
CHALLENGE = b"c" * 32
PERSON = Named(b"h" * 32, "ana@example.org", "Ana Example")
ANA = UserId(UUID(int=1))
OPTIONS = creation_options(SITE, PERSON, CHALLENGE, ())
REQUEST = request_options(SITE, CHALLENGE)


def kept(key: SoftKey) -> Passkey:
    """The passkey as it is kept after its registration."""
    found = made(SITE, CHALLENGE, key.create(OPTIONS))
    return Passkey(
        UUID(int=7), ANA, found.credential_id, found.public_key, found.sign_count, found.backup_eligible,
        found.backed_up, found.transports, found.aaguid, "Laptop", NOW,
    )  # fmt: skip


def test_what_is_asked_for() -> None:
    """A discoverable key that verifies its user, no attestation, and none that she has already."""
    passkey = kept(SoftKey())
    asked = creation_options(SITE, PERSON, CHALLENGE, [passkey])
    assert asked["rp"] == {"id": "localhost", "name": "Hallpass"}
    assert asked["user"] == {"id": text(b"h" * 32), "name": "ana@example.org", "displayName": "Ana Example"}
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [ES256, EDDSA, RS256]
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    listed = {"type": "public-key", "id": text(passkey.credential_id), "transports": ["internal"]}
    assert asked["excludeCredentials"] == [listed]
    assert REQUEST["allowCredentials"] == []
    assert request_options(SITE, CHALLENGE, [passkey])["allowCredentials"] == [listed]
    assert (REQUEST["rpId"], REQUEST["userVerification"]) == ("localhost", "required")


@pytest.mark.parametrize(
    ("issuer", "rp_id"), [("http://localhost:8000", "localhost"), ("https://id.state.example", "id.state.example")]
)
def test_the_site_follows_from_the_issuer(issuer: str, rp_id: str) -> None:
    assert Site.of(issuer) == Site(issuer, rp_id)


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
@pytest.mark.parametrize("synced", [False, True])
def test_each_algorithm_registers_and_signs_in(alg: int, synced: bool) -> None:
    key = SoftKey(alg, synced=synced)
    passkey = kept(key)
    assert (passkey.backup_eligible, passkey.backed_up, passkey.transports) == (synced, synced, ("internal",))
    found = used(SITE, CHALLENGE, passkey, presented(key.get(REQUEST)))
    assert (found.sign_count, found.backed_up, found.copied) == (1, synced, False)


BOTH = {
    "another origin": Twist(origin="https://evil.example"),
    "another port": Twist(origin="http://localhost:8001"),
    "https in place of http": Twist(origin="https://localhost:8000"),
    "a longer origin": Twist(origin="http://localhost:8000.evil.example"),
    "another rpId": Twist(rp_id="evil.example"),
    "another challenge": Twist(challenge=text(b"d" * 32)),
    "no challenge": Twist(challenge=""),
    "no user present": Twist(flags_off=UP),
    "user not verified": Twist(flags_off=UV),
    "backed up but not eligible": Twist(flags_on=BS),
    "framed by another site": Twist(cross_origin=True),
    "said to be framed in other words": Twist(cross_origin="false"),
    "with the origin of a frame around it": Twist(top_origin=ORIGIN),
}


@pytest.mark.checklist(50)
@pytest.mark.parametrize("twist", [*BOTH.values(), Twist(kind="webauthn.get")], ids=[*BOTH, "a sign-in's answer"])
def test_a_registration_that_differs_is_refused(twist: Twist) -> None:
    with pytest.raises(NotVerifiedError):
        made(SITE, CHALLENGE, SoftKey().create(OPTIONS, twist))


@pytest.mark.parametrize(
    "twist",
    [*BOTH.values(), Twist(kind="webauthn.create"), Twist(break_signature=True), Twist(flags_on=BE)],
    ids=[*BOTH, "a registration's answer", "a broken signature", "another kind of key by now"],
)
@pytest.mark.checklist("50 origin", "50 challenge", "50 verification of the user")
def test_a_sign_in_that_differs_is_refused(twist: Twist) -> None:
    key = SoftKey()
    passkey = kept(key)
    with pytest.raises(NotVerifiedError):
        used(SITE, CHALLENGE, passkey, presented(key.get(REQUEST, twist)))


@pytest.mark.checklist(50)
def test_another_keys_signature_under_its_id_is_refused() -> None:
    key, other = SoftKey(), SoftKey()
    passkey = kept(key)
    kept(other)
    other.id = key.id
    with pytest.raises(NotVerifiedError):
        used(SITE, CHALLENGE, passkey, presented(other.get(REQUEST)))


@pytest.mark.checklist(50)
def test_weak_keys_and_other_attestations_are_refused() -> None:
    with pytest.raises(NotVerifiedError):
        made(SITE, CHALLENGE, SoftKey(RS256, bits=1024).create(OPTIONS))
    for fmt in ("fido-u2f", "tpm", "apple", "android-key", "android-safetynet", "unheard-of"):
        with pytest.raises(NotVerifiedError):
            made(SITE, CHALLENGE, SoftKey().create(OPTIONS, Twist(fmt=fmt)))
    with pytest.raises(NotVerifiedError):
        made(SITE, CHALLENGE, SoftKey(-36).create(OPTIONS))


@pytest.mark.parametrize(
    ("before", "now", "copied"), [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)]
)
@pytest.mark.checklist("50 a copy")
def test_a_counter_that_does_not_go_up_tells_of_a_copy(before: int, now: int, copied: bool) -> None:
    key = SoftKey(counts=False)
    passkey = replace(kept(key), sign_count=before)
    found = used(SITE, CHALLENGE, passkey, presented(key.get(REQUEST, Twist(count=now))))
    assert found.copied == copied


def _with(changes: dict[str, Any]) -> str:
    read: dict[str, Any] = json.loads(SoftKey().get(REQUEST))
    response = {**read["response"], **changes.pop("response", {})}
    return json.dumps({**read, "response": response, **changes})


@pytest.mark.checklist(50)
@pytest.mark.parametrize(
    "answer",
    [
        "", "null", "[]", "{}", "[" * 100_000, '{"response": 7}', '{"response": {"clientDataJSON": 7}}', "x" * 40_000,
        _with({"id": None}), _with({"id": ""}), _with({"id": "é"}), _with({"id": text(b"i" * 2000)}),
        _with({"response": {"userHandle": 7}}), _with({"response": {"clientDataJSON": text(b"[]")}}),
        _with({"response": {"clientDataJSON": "%%%"}}),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(answer: str) -> None:
    with pytest.raises(NotVerifiedError):
        presented(answer)
    with pytest.raises(NotVerifiedError):
        made(SITE, CHALLENGE, answer)


@pytest.mark.checklist(50)
@pytest.mark.parametrize(
    "changes",
    [
        {"rawId": text(b"another")}, {"type": "password"}, {"response": {"authenticatorData": ""}},
        {"response": {"authenticatorData": text(b"\xff" * 400)}}, {"response": {"signature": 7}},
        {"response": {"clientDataJSON": text(b'{"type":"webauthn.get","challenge":7,"origin":7}')}},
    ],
)  # fmt: skip
def test_what_is_no_sign_in_is_refused(changes: dict[str, Any]) -> None:
    passkey = kept(SoftKey())
    with pytest.raises(NotVerifiedError):
        used(SITE, CHALLENGE, passkey, presented(_with(changes)))
