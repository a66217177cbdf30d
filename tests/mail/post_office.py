"""A real SMTP server (aiosmtpd) for tests: keeps what it accepts, and answers as a test tells it to."""

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "hallpass", "a mail password"


@dataclass(slots=True)
class PostOffice:
    """`data_answers` and `recipient_answers`: given in turn before mails are accepted."""

    received: list[tuple[str, EmailMessage]] = field(default_factory=list[tuple[str, EmailMessage]])
    data_answers: list[str] = field(default_factory=list[str])
    recipient_answers: list[str] = field(default_factory=list[str])
    moments: list[float] = field(default_factory=list[float])
    signed_in: list[str] = field(default_factory=list[str])
    tls: list[bool] = field(default_factory=list[bool])
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    after_accepting: Any = None

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answers:
            return self.recipient_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        if self.data_answers:
            return self.data_answers.pop(0)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.tls.append(session.ssl is not None)
        self.moments.append(asyncio.get_running_loop().time())
        self.received.append((envelope.rcpt_tos[0], message))
        self.arrived.set()
        if self.after_accepting is not None:
            await self.after_accepting()
        return "250 OK"

    async def wait(self, count: int, seconds: float = 20) -> list[tuple[str, EmailMessage]]:
        """What was received, once there are `count` mails."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.received

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        if good:
            self.signed_in.append(USER)
        return AuthResult(success=good, handled=False)

    @asynccontextmanager
    async def open(self, tls: ssl.SSLContext | None = None, *, starttls: bool = False) -> AsyncGenerator[int]:
        """The server's port; the same one when it is opened again."""

        def protocol() -> SMTP:
            return SMTP(
                self,
                enable_SMTPUTF8=True,
                hostname="mail.test",
                tls_context=tls if starttls else None,
                require_starttls=starttls,
                auth_required=starttls,
                auth_require_tls=starttls,
                authenticator=self.authenticate if starttls else None,
            )

        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            protocol, "localhost", self.port, ssl=None if starttls else tls, reuse_address=True, family=socket.AF_INET
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self.port
        finally:
            server.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for the name localhost, and the file by which a client knows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return context, public
