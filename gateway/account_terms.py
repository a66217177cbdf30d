"""What a deployment decides about accounts, as resolvers are given it: how addresses are hashed, and retention."""

import hmac
from datetime import timedelta

from gateway.secret_key import subkey
from gateway.signin.totp import vault_of
from gateway.state import Gateway
from resolvers.asking import AccountTerms


def account_terms(gateway: Gateway) -> AccountTerms:
    key = subkey(gateway.secret_key, "released-addresses")
    return AccountTerms(
        address_hash=lambda email_key: hmac.digest(key, email_key.encode(), "sha256"),
        kept_after_deletion=timedelta(days=gateway.settings.deleted_people_days),
        issuer=gateway.settings.issuer,
        totp=vault_of(gateway),
        second_step_required=gateway.settings.second_step_required,
    )
