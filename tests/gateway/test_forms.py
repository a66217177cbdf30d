"""Posted forms: read as UTF-8 as browsers send them, and refused where they are no bearable form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from gateway.forms import posted_form
from gateway.refusals import Kind, RefusedError

URL_ENCODED = "application/x-www-form-urlencoded"


def request_with(body: bytes, content_type: str = URL_ENCODED) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", content_type.encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", []),
        (b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        (b"name=Mar%C3%ADa+L%20%26%3D&empty=", [("name", "María L &="), ("empty", "")]),
        (b"plus=%2B+&semi=1;2", [("plus", "+ "), ("semi", "1;2")]),
        ("raw=María".encode(), [("raw", "María")]),
        (b"half=%C3&odd=%zz", [("half", "\ufffd"), ("odd", "%zz")]),
    ],
)
async def test_fields(body: bytes, fields: list[tuple[str, str]]) -> None:
    assert (await posted_form(request_with(body))).multi_items() == fields


@given(st.binary(max_size=200))
async def test_whatever_is_sent_is_read(body: bytes) -> None:
    for name, value in (await posted_form(request_with(body))).multi_items():
        (name + str(value)).encode()


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "idna"])
async def test_another_encoding_is_refused(charset: str) -> None:
    with pytest.raises(RefusedError) as refused:
        await posted_form(request_with(b"a=1", f"{URL_ENCODED}; charset={charset}"))
    assert refused.value.kind is Kind.UNSUPPORTED_MEDIA_TYPE
    assert (await posted_form(request_with(b"a=1", f'{URL_ENCODED}; charset="UTF-8"')))["a"] == "1"


async def test_too_many_fields_are_refused() -> None:
    assert len(await posted_form(request_with(b"&".join([b"a=1"] * 1_000)))) == 1
    with pytest.raises(RefusedError) as refused:
        await posted_form(request_with(b"&".join([b"a=1"] * 1_001)))
    assert refused.value.kind is Kind.BAD_USER_INPUT


async def test_what_is_no_form_has_no_fields() -> None:
    assert not (await posted_form(request_with(b'{"a":1}', "application/json")))
