"""Which key a request for tokens must show (RFC 9449): pure decisions over the client and its authorization."""

from gateway.oidc.errors import InvalidDpopProofError, InvalidGrantError
from store.authorizations import Authorization
from store.relying_parties import RelyingParty


def check_client_key(client: RelyingParty, shown: str | None) -> None:
    """`shown`: the thumbprint of the key that the request came with. Raises InvalidDpopProofError (section 5.2)."""
    if client.dpop_bound and shown is None:
        raise InvalidDpopProofError("This client's tokens are bound to a key: send a DPoP proof.")


def check_key(root: Authorization, shown: str | None) -> None:
    """For a code: the key that the authorization request named, where it named one (section 10).

    Raises InvalidDpopProofError without a proof, InvalidGrantError with another key's.
    """
    if root.dpop_jkt is None:
        return
    if shown is None:
        raise InvalidDpopProofError("The authorization is bound to a key: send a DPoP proof of it.")
    if shown != root.dpop_jkt:
        raise InvalidGrantError("The DPoP proof is of another key than the one that the authorization is bound to.")


def check_refresh_key(client: RelyingParty, root: Authorization, shown: str | None) -> None:
    """For a refresh token: what began bound stays bound.

    A public client's to its key, since nothing else proves the client. A confidential one may change its key, because
    its secret or assertion binds the token anyway (section 5), but never goes back to tokens that anybody may use.
    """
    if client.auth_method == "none" or shown is None:
        check_key(root, shown)
