"""What resolvers are given for registrations: the provider's judgement of keys, its own keys, and previews."""

from functools import partial

from gateway.oidc.client.preview import preview
from gateway.oidc.client.public_jwk import key_set_faults, thumbprint
from gateway.oidc.keys.ring import KeyRing
from gateway.state import Gateway
from resolvers.asking import RegistrationTerms


def registration_terms(gateway: Gateway) -> RegistrationTerms:
    """No key ring of the application is told: each process reads the keys again within a minute."""
    return RegistrationTerms(
        issuer=gateway.settings.issuer,
        key_faults=key_set_faults,
        thumbprint=thumbprint,
        rotate_keys=KeyRing(gateway.pool, gateway.secret_key).make_new,
        preview=partial(preview, gateway),
    )
