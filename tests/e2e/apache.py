"""Apache with Debian's mod_auth_openidc before one page: the relying party that many downstream systems already run."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databases import data_directory

BINARY = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
CLIENT_ID, CLIENT_SECRET = "apache", "a secret that Apache keeps"
_ACCOUNT = "www-data"
_LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "headers", "dir", "auth_openidc")
_CONFIGURATION = """
ServerRoot {folder}
ServerName localhost
Listen {port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Mutex file:{folder} default
{account}
{modules}
DocumentRoot {folder}/pages
DirectoryIndex index.html
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client}
OIDCClientSecret "{secret}"
OIDCRedirectURI {url}/members/callback
OIDCCryptoPassphrase "a passphrase for its own cookies"
OIDCPKCEMethod S256
OIDCScope "openid profile email assessment offline_access"
OIDCSessionType server-cache
OIDCDefaultLoggedOutURL {url}/
<Directory {folder}/pages>
    Require all granted
</Directory>
<Location /members>
    AuthType openid-connect
    Require valid-user
    Header set Cache-Control no-store
    Header set X-Sub "%{{OIDC_CLAIM_sub}}e"
    Header set X-Access-Token "%{{OIDC_access_token}}e"
</Location>
"""


@dataclass(frozen=True, slots=True)
class Apache:
    """`members` is the protected page; the callback and Apache's own services lie below it."""

    url: str
    log: Path

    @property
    def members(self) -> str:
        return f"{self.url}/members/"

    @property
    def callback(self) -> str:
        return f"{self.url}/members/callback"


@contextmanager
def apache(issuer: str, port: int) -> Generator[Apache]:
    """Apache on `localhost:port` as the relying party CLIENT_ID of that issuer."""
    with data_directory("apache") as folder:
        (folder / "pages" / "members").mkdir(parents=True)
        (folder / "pages" / "index.html").write_text("<title>Open</title>Open to all", encoding="utf-8")
        (folder / "pages" / "members" / "index.html").write_text("<title>Members</title>For members", encoding="utf-8")
        url = f"http://localhost:{port}"
        _configure(folder, url, issuer, port)
        command = [str(BINARY), "-X", "-f", str(folder / "apache.conf")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_for(folder / "pid", process, folder / "error.log")
                yield Apache(url, folder / "error.log")
            finally:
                process.terminate()
                process.wait(20)


def _configure(folder: Path, url: str, issuer: str, port: int) -> None:
    as_root = os.getuid() == 0
    if as_root:
        shutil.chown(folder, _ACCOUNT)
    text = _CONFIGURATION.format(
        folder=folder, url=url, issuer=issuer, port=port, client=CLIENT_ID, secret=CLIENT_SECRET,
        account=f"User {_ACCOUNT}\nGroup {pwd.getpwnam(_ACCOUNT).pw_name}" if as_root else "",
        modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED),
    )  # fmt: skip
    (folder / "apache.conf").write_text(text, encoding="utf-8")


def _wait_for(pid: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 20
    while not pid.exists():
        said = log.read_text(encoding="utf-8") if log.exists() else ""
        assert process.poll() is None, said
        assert time.monotonic() < until, said
        time.sleep(0.05)
