"""Settings refuse to start half-configured, with every problem at once, one sentence each."""

import base64
import dataclasses
import re
from pathlib import Path

import pytest

from gateway import settings as subject
from gateway.settings import Settings, SettingsError, load_settings, variable

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
EXTERNAL = {"HALLPASS_DATABASE_URL": "postgresql://app:pw@db.example/hallpass", "HALLPASS_SECRET_KEY": KEY}

REFUSALS = [
    ("HALLPASS_DATABASE_URL", "mysql://db/hallpass", "postgresql://user:password@host:5432/database"),
    ("HALLPASS_DATABASE_URL", "postgresql://db.example", "postgresql://user:password@host:5432/database"),
    ("HALLPASS_DATABASE_URL", "postgresql:///hallpass", "postgresql://user:password@host:5432/database"),
    ("HALLPASS_DATABASE_URL", "postgresql://db:port/hallpass", "postgresql://user:password@host:5432/database"),
    ("HALLPASS_DATA_DIR", "relative/place", "begins with /"),
    ("HALLPASS_DATA_DIR", "/etc/passwd", "which is a file"),
    ("HALLPASS_ISSUER", "hallpass.example.gov", "write https://"),
    ("HALLPASS_ISSUER", "ftp://hallpass.example.gov", "write https://"),
    ("HALLPASS_ISSUER", "https://", "write https://"),
    ("HALLPASS_ISSUER", "https://[::1", "write https://"),
    ("HALLPASS_ISSUER", "http://hallpass.example.gov", "plain http is for localhost only"),
    ("HALLPASS_ISSUER", "http://127.0.0.1.example.gov", "plain http is for localhost only"),
    ("HALLPASS_ISSUER", "http://10.0.0.1", "plain http is for localhost only"),
    ("HALLPASS_ISSUER", "https://hallpass.example.gov/", "without a path, slash"),
    ("HALLPASS_ISSUER", "https://hallpass.example.gov/sso", "without a path, slash"),
    ("HALLPASS_ISSUER", "https://hallpass.example.gov?a=b", "without a path, slash"),
    ("HALLPASS_ISSUER", "https://hallpass.example.gov#top", "without a path, slash"),
    ("HALLPASS_ISSUER", "https://me@hallpass.example.gov", "without a path, slash"),
    ("HALLPASS_ISSUER", "https://Hallpass.Example.gov", "lower case"),
    ("HALLPASS_ISSUER", "https://hallpass.example.gov:443", "without the scheme's own port"),
    ("HALLPASS_SECOND_STEP", "maybe", "required, optional"),
    ("HALLPASS_NEW_DEVICE_CODE", "maybe", "true or false"),
    ("HALLPASS_TRUSTED_PROXIES", "10.0.0.1/8", "10.0.0.0/8, with commas"),
    ("HALLPASS_HOST", "localhost:8000", "without a port"),
    ("HALLPASS_HOST", "http://localhost", "without a port"),
    ("HALLPASS_PORT", "0", "from 1 to 65535"),
    ("HALLPASS_PORT", "65536", "from 1 to 65535"),
    ("HALLPASS_PORT", "eight", "from 1 to 65535"),
    ("HALLPASS_PORT", "٨٠٨٠", "from 1 to 65535"),
    ("HALLPASS_WORKERS", "0", "from 1 to 64"),
    ("HALLPASS_WORKERS", "-1", "from 1 to 64"),
    ("HALLPASS_DEMO", "maybe", "true or false"),
    ("HALLPASS_SECRET_KEY", "short", "32 bytes in base64url"),
    ("HALLPASS_SECRET_KEY", "ü" * 43, "32 bytes in base64url"),
    ("HALLPASS_LOG_LEVEL", "loud", "debug, info, warning, error"),
    ("HALLPASS_TIME_ZONE", "Mars/Olympus", "America/Los_Angeles"),
    ("HALLPASS_TIME_ZONE", "../../etc/passwd", "America/Los_Angeles"),
    ("HALLPASS_POOL_SIZE", "0", "from 1 to 200"),
    ("HALLPASS_HASH_THREADS", "many", "from 0 to 64"),
    ("HALLPASS_MAX_BODY_BYTES", "1", "from 16384 to 104857600"),
    ("HALLPASS_GRAPHQL_MAX_BATCH", "0", "from 1 to 100"),
    ("HALLPASS_GRAPHQL_MAX_DEPTH", "deep", "from 5 to 50"),
    ("HALLPASS_GRAPHQL_MAX_COST", "5000000", "must fit"),
    ("HALLPASS_GRAPHQL_DEADLINE", "0", "from 1 to 600"),
    ("HALLPASS_GRAPHQL_INTROSPECTION", "maybe", "on, signed-in, off"),
    ("HALLPASS_GRAPHQL_TRUSTED_DOCUMENTS", "/nowhere/manifest.json", "path of a file that is there"),
    ("HALLPASS_PORTT", "8000", "the nearest one is HALLPASS_PORT"),
    ("HALLPASS_DATABSE_URL", "x", "the nearest one is HALLPASS_DATABASE_URL"),
    ("HALLPASS_SETTING_FILE", "x", "the nearest one is HALLPASS_SETTINGS_FILE"),
    ("HALLPASS_SETTINGS_FILE", "/nowhere/settings.toml", "can't be read"),
    ("HALLPASS_OWNER_DATABASE_URL", "postgresql://o@db/hallpass", "without HALLPASS_DATABASE_URL"),
]


@pytest.mark.parametrize(("name", "text", "remedy"), REFUSALS)
def test_a_wrong_setting_is_refused_with_its_name_and_what_to_write(name: str, text: str, remedy: str) -> None:
    environ = (
        {name: text} if "DATABASE_URL" not in name or "OWNER" in name else {"HALLPASS_SECRET_KEY": KEY, name: text}
    )
    with pytest.raises(SettingsError) as refused:
        load_settings(environ)
    (problem,) = refused.value.problems
    assert problem.startswith(name)
    assert remedy in problem


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({"HALLPASS_PORT": "x", "HALLPASS_ISSUER": "y", "HALLPASS_WHAT": "z"})
    assert [problem.split()[0] for problem in refused.value.problems] == [
        "HALLPASS_ISSUER",
        "HALLPASS_PORT",
        "HALLPASS_WHAT",
    ]


def test_a_database_of_ones_own_needs_the_secret_key() -> None:
    with pytest.raises(SettingsError, match="HALLPASS_SECRET_KEY is required with HALLPASS_DATABASE_URL"):
        load_settings({"HALLPASS_DATABASE_URL": EXTERNAL["HALLPASS_DATABASE_URL"]})
    assert load_settings(EXTERNAL).secret_key == b"k" * 32


def test_more_connections_than_the_embedded_database_has_are_refused() -> None:
    with pytest.raises(SettingsError, match="makes 260 connections"):
        load_settings({"HALLPASS_WORKERS": "20"})
    assert load_settings({**EXTERNAL, "HALLPASS_WORKERS": "20"}).workers == 20


def test_messages_never_quote_secrets() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({"HALLPASS_DATABASE_URL": "pg://me:hunter2@db/x", "HALLPASS_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert "pw@" not in repr(load_settings(EXTERNAL))
    assert "kkkk" not in repr(load_settings(EXTERNAL))


def test_nothing_set_means_an_embedded_database_on_loopback() -> None:
    loaded = load_settings({"HOME": "/home/x"})
    assert loaded.embedded
    assert loaded.issuer == "http://localhost:8000"
    assert not loaded.https


def test_the_default_issuer_follows_the_port() -> None:
    assert load_settings({"HALLPASS_PORT": "9000"}).issuer == "http://localhost:9000"


@pytest.mark.parametrize(
    "issuer",
    ["https://hallpass.example.gov", "https://hallpass.example.gov:8443", "http://localhost:1", "http://[::1]:8000"],
)
def test_an_issuer_may_be_https_or_loopback(issuer: str) -> None:
    assert load_settings({"HALLPASS_ISSUER": issuer}).issuer == issuer


@pytest.mark.parametrize("key", [KEY, KEY.rstrip("="), f" {KEY}\n"])
def test_a_secret_key_may_lack_padding(key: str) -> None:
    assert load_settings({"HALLPASS_SECRET_KEY": key}).secret_key == b"k" * 32


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings({"HALLPASS_DATABASE_URL": "", "HALLPASS_PORT": " "}).port == 8000


def test_variables_of_the_test_suite_are_no_settings() -> None:
    load_settings({"HALLPASS_TEST_POSTGRES": "16"})


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\ndemo = true\n', encoding="utf-8")
    loaded = load_settings({"HALLPASS_SETTINGS_FILE": str(file), "HALLPASS_PORT": "9001"})
    assert (loaded.port, loaded.host, loaded.demo) == (9001, "0.0.0.0", True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"port = ", "not TOML"),
        (b"\xff\xfe", "not TOML in UTF-8"),
        (b"[port]\nx = 1", "must be a text, a whole number, true or false"),
        (b"prot = 1", "the nearest one is HALLPASS_PORT"),
        (b'port = "x"', "HALLPASS_PORT is 'x'"),
    ],
)
def test_a_wrong_settings_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        load_settings({"HALLPASS_SETTINGS_FILE": str(file)})


SAMPLES = {
    "data_dir": "/tmp/no-such-directory",
    "issuer": "https://a.example",
    "database_url": "postgresql://a@b/c",
    "owner_database_url": "postgresql://a@b/c",
    "host": "::",
    "port": "1",
    "workers": "1",
    "demo": "yes",
    "secret_key": KEY,
    "log_level": "debug",
    "time_zone": "America/Boise",
    "pool_size": "3",
    "hash_threads": "1",
    "max_body_bytes": "20000",
    "decision_log_denials": "0.5",
    "decision_log_allows": "1",
    "decision_log_days": "30",
    "previous_secret_key": base64.urlsafe_b64encode(b"p" * 32).decode(),
    "signing_key_days": "30",
    "second_step": "required",
    "new_device_code": "no",
    "trusted_proxies": "10.0.0.0/8, 2001:db8::1",
    "password_profile": "toms-compatible",
    "deleted_people_days": "30",
    "jobs": "no",
    "smtp_host": "mail.example.org",
    "smtp_port": "25",
    "smtp_security": "tls",
    "smtp_user": "hallpass",
    "smtp_password": "secret",
    "smtp_ca": __file__,
    "smtp_timeout": "5",
    "mail_from": "Hallpass <no-reply@state.example>",
    "mail_reply_to": "help@state.example",
    "mails_per_second": "2",
    "graphql_max_body_bytes": "20000",
    "graphql_max_batch": "5",
    "graphql_max_tokens": "500",
    "graphql_max_depth": "12",
    "graphql_max_fields": "200",
    "graphql_max_root_fields": "5",
    "graphql_max_aliases": "10",
    "graphql_max_directives": "10",
    "graphql_max_cost": "5000",
    "graphql_cost_capacity": "100000",
    "graphql_cost_restore": "1000",
    "graphql_deadline": "5",
    "graphql_introspection": "off",
    "graphql_suggestions": "yes",
    "graphql_trusted_documents": __file__,
    "graphql_trusted_only": "no",
    "smarter_client_id": "98765",
    "smarter_client_name": "A Client",
    "smarter_state_id": "ZZ",
    "smarter_state_name": "A State",
    "smarter_open_permissions": "yes",
}


def test_each_field_has_a_parser_of_its_type() -> None:
    names = [field.name for field in dataclasses.fields(Settings)]
    assert set(names) == set(SAMPLES) == set(subject._PARSERS)  # pyright: ignore[reportPrivateUsage]
    loaded = load_settings({variable(name): text for name, text in SAMPLES.items()})
    defaults = Settings(data_dir=Path("/"), issuer="")
    for name in names:
        default = getattr(defaults, name)
        assert default is None or isinstance(getattr(loaded, name), type(default)), name


def test_the_operators_document_lists_each_setting() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "operation.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(HALLPASS_[A-Z_]+)` \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(variable(field.name) for field in dataclasses.fields(Settings))


def test_a_second_step_is_optional_on_this_machine_only() -> None:
    assert load_settings({}).second_step_required
    assert not load_settings({"HALLPASS_SECOND_STEP": "optional"}).second_step_required
    with pytest.raises(SettingsError, match="for an issuer on this machine only"):
        load_settings({"HALLPASS_SECOND_STEP": "optional", "HALLPASS_ISSUER": "https://hallpass.example.gov"})


def test_the_demo_asks_for_a_password_alone_on_this_machine_only() -> None:
    here = load_settings({"HALLPASS_DEMO": "true"})
    assert (here.second_step, here.new_device_code) == ("optional", False)
    shown = load_settings({"HALLPASS_DEMO": "true", "HALLPASS_ISSUER": "https://demo.example.gov"})
    assert (shown.second_step, shown.new_device_code) == ("required", True)
    assert load_settings({"HALLPASS_DEMO": "true", "HALLPASS_SECOND_STEP": "required"}).second_step_required
