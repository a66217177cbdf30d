"""The secret key: from settings, else a 0600 file made once, and one derived key per purpose."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gateway.secret_key import secret_key_of, subkey
from gateway.settings import Settings, SettingsError


def test_the_first_start_makes_a_file_that_only_its_user_reads(settings: Settings) -> None:
    key = secret_key_of(settings)
    file = settings.data_dir / "secret.key"
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret_key_of(settings) == key
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]


def test_processes_that_start_at_once_agree(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(secret_key_of, [settings] * 16))) == 1


def test_the_settings_key_goes_first_and_makes_no_file(settings: Settings) -> None:
    assert secret_key_of(replace(settings, secret_key=b"s" * 32)) == b"s" * 32
    assert not list(settings.data_dir.iterdir())


def test_a_damaged_file_is_refused_and_kept(settings: Settings) -> None:
    file = settings.data_dir / "secret.key"
    file.write_text("damaged", encoding="ascii")
    with pytest.raises(SettingsError, match="restore it from a copy"):
        secret_key_of(settings)
    assert file.read_text(encoding="ascii") == "damaged"


def test_no_key_serves_two_purposes() -> None:
    assert subkey(b"k" * 32, "csrf") != subkey(b"k" * 32, "signing-keys")
    assert subkey(b"k" * 32, "csrf") != subkey(b"l" * 32, "csrf")
