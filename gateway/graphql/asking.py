"""What resolvers are given of a request: who asks, by which packs and day, and how they reach the store."""

from starlette.requests import HTTPConnection

from gateway.account_terms import account_terms
from gateway.caller_memory import Remembered
from gateway.federation.terms import provider_terms
from gateway.observation import request_id_of
from gateway.oidc.client.registration_terms import registration_terms
from gateway.state import gateway_of
from gateway.student_keys import student_key
from resolvers.access_changes import Changes
from resolvers.asking import Asking, Clock, Reads


def asking_of(
    connection: HTTPConnection, known: Remembered, reads: Reads | None = None, changes: Changes | None = None
) -> Asking:
    """`reads`: those of one operation, which its owner closes. `changes`: what a subscription follows."""
    gateway = gateway_of(connection)
    return Asking(
        caller=known.caller,
        packs=known.in_force.packs,
        years=known.in_force.years,
        clock=Clock(gateway.now(), known.today, gateway.settings.time_zone),
        reads=reads or Reads(gateway.pool),
        new_id=gateway.new_id,
        student_key=lambda number: student_key(gateway.secret_key, number),
        personal_keys=gateway.personal_keys,
        accounts=account_terms(gateway),
        request_id=request_id_of(connection.scope),
        providers=provider_terms(gateway),
        registrations=registration_terms(gateway),
        changes=changes,
    )
