"""Keys of providers: fetched when needed, again for an unknown one but not for each, kept while it is down."""

from datetime import timedelta

import pytest
from joserfc.jwk import ECKey

from gateway.federation.id_token import BadIdTokenError, Header
from gateway.federation.key_sets import APART, FRESH, STALE, KeySets
from gateway.outgoing import OutgoingError
from tests.federation.provider import FakeProvider
from tests.oidc.world import ISSUER, NOW

pytestmark = pytest.mark.checklist(18)
ES = Header("ES256", "one")


def address(provider: FakeProvider) -> str:
    return f"{provider.issuer}/keys"


async def test_they_are_fetched_once_an_hour(provider: FakeProvider) -> None:
    sets = KeySets()
    for later in (timedelta(0), timedelta(minutes=5), FRESH):
        await sets.key_for(address(provider), ES, ISSUER, NOW + later)
    assert provider.calls == ["keys"]
    await sets.key_for(address(provider), ES, ISSUER, NOW + FRESH + timedelta(seconds=1))
    assert provider.calls == ["keys", "keys"]


async def test_unknown_keys_don_t_make_it_fetch_without_end(provider: FakeProvider) -> None:
    """Whoever sends tokens with ever new kids makes the gateway call the provider twice a minute at most."""
    sets = KeySets()
    for seconds in range(0, 60, 5):
        unknown = Header("ES256", f"kid {seconds}")
        with pytest.raises(BadIdTokenError):
            await sets.key_for(address(provider), unknown, ISSUER, NOW + timedelta(seconds=seconds))
    assert len(provider.calls) == 2


async def test_a_rotated_key_is_found_at_once(provider: FakeProvider) -> None:
    sets = KeySets()
    await sets.key_for(address(provider), ES, ISSUER, NOW)
    provider.published = [provider.key, ECKey.generate_key("P-256", {"kid": "two"})]
    await sets.key_for(address(provider), Header("ES256", "two"), ISSUER, NOW + APART)
    assert len(provider.calls) == 2


async def test_known_keys_are_good_for_a_day_where_the_provider_is_down(provider: FakeProvider) -> None:
    sets, there = KeySets(), address(provider)
    await sets.key_for(there, ES, ISSUER, NOW)
    provider.down = True
    await sets.key_for(there, ES, ISSUER, NOW + STALE)
    for seconds in (1, 2):
        with pytest.raises(OutgoingError):
            await sets.key_for(there, ES, ISSUER, NOW + STALE + timedelta(seconds=seconds))


@pytest.mark.parametrize("alg", ["RS256", "ES384", "PS256", "HS256"])
async def test_a_key_is_for_its_own_kind_of_signature(provider: FakeProvider, alg: str) -> None:
    with pytest.raises(BadIdTokenError):
        await KeySets().key_for(address(provider), Header(alg, "one"), ISSUER, NOW)


async def test_without_a_kid_the_only_key_is_meant_and_of_several_none(provider: FakeProvider) -> None:
    sets = KeySets()
    await sets.key_for(address(provider), Header("ES256", None), ISSUER, NOW)
    provider.published = [provider.key, ECKey.generate_key("P-256", {"kid": "two"})]
    with pytest.raises(BadIdTokenError):
        await KeySets().key_for(address(provider), Header("ES256", None), ISSUER, NOW)
