"""No token, secret, password, code, SSID, cookie or Authorization header ever reaches a log line."""

import base64
import json
import logging
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.logging import REQUEST_ID, configure_logging, logger
from gateway.masking import MASK, is_secret_name, masked, masked_text
from tests.gateway.conftest import Lines

JWT = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
SECRET_NAMES = [
    *("password", "new_password", "newPassword", "PASSWORD", "pwd", "passphrase", "client_secret", "clientSecret"),
    *("secret_key", "private_key", "access_token", "accessToken", "refresh_token", "id_token_hint", "token", "tokens"),
    *("code", "authorization_code", "recovery_codes", "code_verifier", "codeVerifier", "cookie", "Set-Cookie"),
    *("Authorization", "authorization", "ssid", "SSID", "studentSSID", "client_assertion", "csrf", "jwt", "totp"),
]
PLAIN_NAMES = [
    "event",
    "route",
    "status",
    "status_code",
    "reason_code",
    "organization_code",
    "user",
    "count",
    "encoding",
]

secrets = st.one_of(
    st.binary(min_size=32, max_size=64)
    .map(lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="))
    .filter(lambda text: text.lower() != text != text.upper()),
    st.binary(min_size=16, max_size=32).map(bytes.hex),
    st.integers(1_000_000_000, 9_999_999_999).map(str),
    st.just(JWT),
)
passwords = st.text(string.ascii_letters + string.digits + "!#$%*+-./:<>?@^_~", min_size=6, max_size=40)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_field_with_a_telling_name_is_masked_whole(name: str) -> None:
    assert is_secret_name(name)
    assert masked(name, ["a", {"b": "c"}]) == MASK
    assert masked(name, 12) == MASK


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_other_fields_stay_readable(name: str) -> None:
    assert masked(name, "plain words, 42 of them") == "plain words, 42 of them"


@pytest.mark.parametrize(
    "text",
    [
        "run `hallpass migrate` again",
        "0190c7a2-7d9e-7cc3-98c4-dc0c0c07398f",
        "store/embedded/server.py:120 _start_until_connected",
        "test_s0_41_two_roles_in_one_file_are_refused",
        "19647331930000",
        "port 5432, 1234567 rows, 2026-11-22T12:00:00Z",
    ],
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert masked_text(text) == text


@given(
    st.sampled_from(SECRET_NAMES), passwords, st.sampled_from(["{0}={1}", '"{0}": "{1}"', "{0}: {1}", "'{0}' => '{1}'"])
)
def test_named_values_in_texts_are_masked(name: str, password: str, form: str) -> None:
    plain = password.strip(".:<>?@") or "x"
    text = masked_text("before " + form.format(name, plain))
    if len(plain) > 5:
        assert plain not in text


@given(
    secrets, st.sampled_from(["{}", "at {} end", "/path/{}/x", "?x={}&y=1", "({})", "Bearer {}", "Basic {}", "'{}'"])
)
def test_secrets_are_known_by_their_shape(secret: str, form: str) -> None:
    assert secret not in masked_text(form.format(secret))


@given(secrets)
def test_no_nesting_hides_a_secret(secret: str) -> None:
    event = {"a": [{"b": (secret, {"c": secret.encode()})}], secret: 1, "d": {secret}}
    assert secret not in str(masked("detail", event))


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@db/x",
        "Cookie: hallpass-session=hunter2; a=hunter2",
        "GET /signin/callback?state=1&code=hunter2",
        "Authorization: Bearer hunter2",
        "body was {'password': 'hunter2'}",
        'body was {"client_secret":"hunter2"}',
        "Key (token_hash)=(hunter2) already exists.",
    ],
)
def test_secrets_are_known_by_their_surroundings(text: str) -> None:
    assert "hunter2" not in masked_text(text)


_HOSTILE = (
    "code",
    "a",
    "token-",
    "eyJ",
    "eyJ.",
    "code=",
    "code =",
    'code:"',
    "Key (",
    "Key ()=(",
    "://",
    "bearer ",
    "cookie:",
    " ",
)


@pytest.mark.parametrize("text", [first + second for first in _HOSTILE for second in _HOSTILE])
def test_no_text_takes_long_to_mask(text: str) -> None:
    """Whoever sends a request may write a part of a line: the event loop waits for the masking of it."""
    hostile = (text * 5_000)[:20_000]
    before = time.process_time()
    masked_text(hostile)
    assert time.process_time() - before < 0.25


@pytest.mark.parametrize(
    "text", ["status=token=hunter2", "Key (lower(email))=(a)hunter2) already exists.", "xeyJhunter2.hunter2"]
)
def test_a_secret_is_seen_behind_what_is_none(text: str) -> None:
    assert "hunter2" not in masked_text(text)


@pytest.mark.parametrize("before", range(7_985, 8_001))
def test_where_a_text_is_cut_no_part_of_a_word_is_left(before: int) -> None:
    for secret in ("1234567890", "aZ9-" * 10):
        assert secret[:4] not in masked_text("x" * (before - 1) + " " + secret + " " + "y" * 100)


def test_a_very_long_text_is_cut_and_masked_to_its_end() -> None:
    shown = masked_text("x " * 3_990 + "token=" + "s" * 10_000)
    assert len(shown) < 8_100
    assert "ssss" not in shown


def test_a_line_is_json_with_request_id_and_masked_values(lines: Lines) -> None:
    before = REQUEST_ID.set("r-1")
    logger("test").info("done with code=hunter2", password="hunter2", user="u1", ssid=1234567890)
    REQUEST_ID.reset(before)
    line = json.loads(lines.getvalue())
    assert line["request_id"] == "r-1"
    assert line["user"] == "u1"
    assert line["level"] == "info"
    assert b"hunter2" not in lines.getvalue()
    assert b"1234567890" not in lines.getvalue()


def test_an_exception_is_told_by_type_place_and_masked_message(lines: Lines) -> None:
    token = JWT
    try:
        try:
            raise KeyError("password=hunter2")
        except KeyError as error:
            raise ValueError(f"bad {token}") from error
    except ValueError as error:
        logger("test").error("broke", exc_info=error)
    line = json.loads(lines.getvalue())
    assert [link["type"] for link in line["exception"]] == ["ValueError", "KeyError"]
    assert "test_logging.py" in line["exception"][0]["frames"][0]
    assert b"hunter2" not in lines.getvalue()
    assert JWT.encode() not in lines.getvalue()


def test_libraries_speak_through_the_same_chain(lines: Lines) -> None:
    try:
        raise RuntimeError("client_secret=hunter2")
    except RuntimeError:
        logging.getLogger("some.library").exception("failed with %s", "Bearer hunter2")
    line = json.loads(lines.getvalue())
    assert (line["source"], line["level"]) == ("some.library", "error")
    assert line["exception"][0]["type"] == "RuntimeError"
    assert b"hunter2" not in lines.getvalue()


def test_levels_below_the_threshold_are_not_written(lines: Lines) -> None:
    configure_logging("warning")
    logger("test").info("quiet")
    logging.getLogger("some.library").info("quiet")
    assert lines.getvalue() == b""


def test_a_record_that_can_not_be_written_shows_no_values(lines: Lines) -> None:
    record = logging.LogRecord("some.library", logging.WARNING, "place.py", 1, "%d", ("hunter2",), None)
    logging.getLogger().handlers[0].handle(record)
    assert b"some.library" in lines.getvalue()
    assert b"hunter2" not in lines.getvalue()
