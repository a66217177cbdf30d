"""What a person sees of her own second factors, in her own session alone: relying parties are told nothing of them."""

from functools import partial

from policy.caller import PersonCaller
from resolvers.asking import Asking
from store.factor_resets import FactorReset, factor_reset_of
from store.passkeys import Passkey, passkeys_of

__all__ = ["FactorReset", "Passkey", "own_passkeys", "own_reset"]


async def own_passkeys(asking: Asking) -> list[Passkey] | None:
    """The oldest first; None outside of her own session."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller) or caller.session is None:
        return None
    return await asking.reads.run(partial(passkeys_of, user=caller.user))


async def own_reset(asking: Asking) -> FactorReset | None:
    """The removal of all her second factors that somebody has asked for."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller) or caller.session is None:
        return None
    return await asking.reads.run(partial(factor_reset_of, user=caller.user, now=asking.clock.now))
