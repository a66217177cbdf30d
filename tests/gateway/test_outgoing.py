"""Calls to registered addresses lead to permitted places only, verify certificates, and are bounded (CWE-918)."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway import outgoing
from gateway.outgoing import OutgoingError, address_fault, call, is_permitted

PUBLIC, LOOPBACK = "https://hallpass.example", "http://localhost:8000"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: test\r\n\r\nok"


@asynccontextmanager
async def server(
    answer: bytes, seen: list[bytes] | None = None, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[int]:
    """The port of something on this machine that answers each connection so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received = await reader.readuntil(b"\r\n\r\n")
        if seen is not None:
            seen.append(received)
        writer.write(answer)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
        "0.0.0.0", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fec0::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:a00:1::1", "2001:db8::1", "::1.2.3.4",
    ],
)  # fmt: skip
@pytest.mark.checklist("60 addresses of the inside")
def test_an_address_inside_of_a_network_is_refused(address: str) -> None:
    assert not is_permitted(ipaddress.ip_address(address), PUBLIC)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_is_permitted(address: str) -> None:
    assert is_permitted(ipaddress.ip_address(address), PUBLIC)


@pytest.mark.parametrize(
    ("address", "permitted"),
    [("127.0.0.1", True), ("::1", True), ("172.17.0.2", True), ("169.254.169.254", False), ("100.100.100.200", False),
     ("0.0.0.0", False), ("fe80::1", False), ("224.0.0.1", False)],
)  # fmt: skip
def test_under_a_loopback_issuer_this_machine_and_its_networks_are_permitted(address: str, permitted: bool) -> None:
    assert is_permitted(ipaddress.ip_address(address), LOOPBACK) is permitted


@pytest.mark.checklist(60)
@pytest.mark.parametrize(
    "url",
    [
        "http://rp.example/out", "ftp://rp.example/", "file:///etc/passwd", "https://", "https:///path", "javascript:1",
        "https://a@rp.example/", "https://rp.example/#x", "https://rp.example/a b", "https://rp.example\\@x.example/",
        "https://rp.example:port/", "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/", "http://localhost:9000/out", "https://bücher.example/",
    ],
)  # fmt: skip
async def test_an_address_that_is_never_called(url: str) -> None:
    assert address_fault(url, PUBLIC)
    with pytest.raises(OutgoingError) as refused:
        await call(PUBLIC, "POST", url)
    assert refused.value.lasting


def test_plain_http_is_for_loopback_under_a_loopback_issuer() -> None:
    assert address_fault("http://localhost:9000/out", LOOPBACK) is None
    assert address_fault("http://rp.example/out", LOOPBACK)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1"])
@pytest.mark.checklist("60 addresses of the inside")
async def test_a_name_that_leads_inside_is_not_called(host: str) -> None:
    """Also where the system's resolver takes odd spellings of an IPv4 address."""
    async with server(OK) as port:
        with pytest.raises(OutgoingError):
            await call(PUBLIC, "GET", f"https://{host}:{port}/")


@pytest.mark.checklist(60)
async def test_one_address_inside_makes_all_suspicious(monkeypatch: pytest.MonkeyPatch) -> None:
    async def both(host: str, port: int) -> list[outgoing.Address]:
        return [ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("10.0.0.1")]

    monkeypatch.setattr(outgoing, "resolved", both)
    with pytest.raises(OutgoingError, match="inside of a network"):
        await call(PUBLIC, "POST", "https://rp.example/")


@pytest.mark.checklist(60)
async def test_the_judged_address_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently the second time (DNS rebinding) is not asked a second time."""
    asked: list[str] = []

    async def once(host: str, port: int) -> list[outgoing.Address]:
        asked.append(host)
        return [ipaddress.ip_address("127.0.0.1")]

    monkeypatch.setattr(outgoing, "resolved", once)
    seen: list[bytes] = []
    async with server(OK, seen) as port:
        answer = await call(LOOPBACK, "POST", f"http://rp.localhost:{port}/out?x=1", body=b"abc", headers={"X-A": "1"})
    assert (answer.status, answer.body, answer.headers["x-kind"], asked) == (200, b"ok", "test", ["rp.localhost"])
    head = seen[0].decode().lower()
    assert head.startswith("post /out?x=1 http/1.1")
    assert f"host: rp.localhost:{port}" in head
    assert "x-a: 1" in head


@pytest.mark.checklist(60)
async def test_a_redirect_is_not_followed() -> None:
    seen: list[bytes] = []
    moved = b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    async with server(moved, seen) as port:
        answer = await call(LOOPBACK, "POST", f"http://127.0.0.1:{port}/")
    assert (answer.status, len(seen)) == (307, 1)


@pytest.mark.checklist(60)
async def test_an_endless_answer_is_cut_off() -> None:
    async with server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000) as port:
        with pytest.raises(OutgoingError, match="more than 65536 bytes"):
            await call(LOOPBACK, "GET", f"http://127.0.0.1:{port}/")


@pytest.mark.checklist(60)
async def test_a_slow_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx") as port, stalled() as quiet:
        for address in (port, quiet):
            with pytest.raises(OutgoingError):
                await call(LOOPBACK, "GET", f"http://127.0.0.1:{address}/")


@asynccontextmanager
async def stalled() -> AsyncGenerator[int]:
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        done.set()


async def test_nothing_there_may_be_there_later() -> None:
    async with server(OK) as port:
        pass
    for url in (f"http://127.0.0.1:{port}/", "https://no-such-name.invalid/"):
        with pytest.raises(OutgoingError) as failed:
            await call(LOOPBACK, "GET", url)
        assert not failed.value.lasting


@pytest.fixture
def certified(tmp_path: Path) -> Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]:
    """A server's and a client's TLS for a certificate of a name, which signs itself."""

    def make(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = tmp_path / "server.pem"
        file.write_bytes(private + pem)
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(file)
        return serving, ssl.create_default_context(cadata=pem.decode())

    return make


@pytest.mark.parametrize(
    ("name", "trusted", "good"),
    [("rp.example", True, True), ("other.example", True, False), ("rp.example", False, False)],
)
async def test_certificates_are_judged_for_the_name(
    certified: Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    trusted: bool,
    good: bool,
) -> None:
    async def here(host: str, port: int) -> list[outgoing.Address]:
        return [ipaddress.ip_address("127.0.0.1")]

    monkeypatch.setattr(outgoing, "resolved", here)
    serving, trust = certified(name)
    async with server(OK, tls=serving) as port:
        calling = call(LOOPBACK, "GET", f"https://rp.example:{port}/", trust=trust if trusted else None)
        if good:
            assert (await calling).body == b"ok"
            return
        with pytest.raises(OutgoingError, match="certificate"):
            await calling
