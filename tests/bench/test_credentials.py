"""A bare server takes a token that the gateway's key signed, once checked then remembered, and the one known cookie."""

import importlib
import time
from types import ModuleType

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request

from bench.apps.serving import COOKIE_VARIABLE, KEYS_VARIABLE

KEY = ECKey.generate_key("P-256", {"kid": "one"})
OTHER = ECKey.generate_key("P-256", {"kid": "one"})


def token(key: ECKey = KEY, *, life: int = 36_000) -> str:
    return jwt.encode({"alg": "ES256", "kid": "one"}, {"exp": int(time.time()) + life}, key)


def request(name: str, value: str) -> Request:
    return Request({"type": "http", "headers": [(name.encode(), value.encode())]})


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv(KEYS_VARIABLE, orjson.dumps({"keys": [KEY.as_dict(private=False)]}).decode())
    monkeypatch.setenv(COOKIE_VARIABLE, "session=abc")
    import bench.apps.credentials

    return importlib.reload(bench.apps.credentials)


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [
        ("authorization", f"Bearer {token()}", True),
        ("authorization", f"Bearer {token(OTHER)}", False),
        ("authorization", f"Bearer {token(life=-1)}", False),
        ("authorization", "Bearer a.b.c", False),
        ("cookie", "session=abc", True),
        ("cookie", "session=abd", False),
        ("accept", "*/*", False),
    ],
)
def test_who_is_known(credentials: ModuleType, name: str, value: str, known: bool) -> None:
    for _ in range(2):
        assert credentials.is_known(request(name, value)) is known
