"""Passkeys in Chromium with a virtual authenticator: added, used alone, offered by the field, as the second step."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import CDPSession, Page, expect

from gateway.demo.mix import mix
from tests.databases import data_directory
from tests.gateway.prepared import prepared_serving
from tests.gateway.process import Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def demo() -> Iterator[Serving]:
    """A gateway on http://localhost, where passkeys work without TLS."""
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as started:
        yield started


@pytest.fixture
def device(page: Page) -> "Device":
    """A device whose lock its owner opens at once."""
    return Device(page)


class Device:
    """Chromium's virtual authenticator."""

    def __init__(self, page: Page) -> None:
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._send("enable", {})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id: str = self._send("addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verifies(self, able: bool) -> None:
        self._send("setUserVerified", {"authenticatorId": self.id, "isUserVerified": able})

    def answers(self, able: bool) -> None:
        """Whether its owner touches it at all."""
        self._send("setAutomaticPresenceSimulation", {"authenticatorId": self.id, "enabled": able})

    @property
    def credentials(self) -> list[dict[str, Any]]:
        return self._send("getCredentials", {"authenticatorId": self.id})["credentials"]

    def _send(self, command: str, asked: dict[str, Any]) -> dict[str, Any]:
        return cast("dict[str, Any]", self._cdp.send(f"WebAuthn.{command}", asked))  # pyright: ignore[reportUnknownMemberType]


def with_password(page: Page, demo: Serving, name: str, onward: str = "/") -> None:
    page.goto(f"{demo.url}/signin?next={onward}")
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(mix().password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def with_a_passkey_added(page: Page, demo: Serving, device: Device, name: str) -> None:
    """Signed in, with a passkey of the device; signed out again."""
    device.answers(False)
    with_password(page, demo, name, "/account/passkeys")
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkeys")
    device.answers(True)
    page.get_by_label("Name", exact=True).last.fill("This laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_role("heading", name="This laptop")).to_be_visible()
    device.answers(False)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Passkeys")
    page.wait_for_load_state("networkidle")  # else what is still on its way would cut the next page off


def test_added_and_used_alone(page: Page, demo: Serving, device: Device) -> None:
    """By the button, in a browser that doesn't offer passkeys in a field."""
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    with_a_passkey_added(page, demo, device, "coordinator")
    assert len(device.credentials) == 1
    assert device.credentials[0]["rpId"] == "localhost"
    page.goto(f"{demo.url}/signin?next=/account/passkeys")
    device.answers(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkeys")
    expect(page.get_by_text("last used on")).to_be_visible()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("has a passkey of your account already")).to_be_visible()


def test_offered_in_the_address_field(page: Page, demo: Serving, device: Device) -> None:
    """Conditional mediation: the device answers what the page asked for when it was opened."""
    with_a_passkey_added(page, demo, device, "superintendent")
    device.answers(True)
    page.goto(f"{demo.url}/signin?next=/account/passkeys")
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkeys")


def test_as_the_second_step(page: Page, demo: Serving, device: Device) -> None:
    with_a_passkey_added(page, demo, device, "site")
    with_password(page, demo, "site", "/account/passkeys")
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    device.answers(True)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkeys")


def test_a_device_that_does_not_verify_its_owner_makes_none(page: Page, demo: Serving, device: Device) -> None:
    device.verifies(False)
    with_password(page, demo, "teacher", "/account/passkeys")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("No passkey was used. Try again.")).to_be_visible()
    assert device.credentials == []
