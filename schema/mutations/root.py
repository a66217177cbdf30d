"""The mutation root, put together from one class for each subject.

Each field's directive states the permission, which is handed to its resolver as a value.
"""

from __future__ import annotations

import strawberry

from schema.mutations.accounts import AccountMutations
from schema.mutations.bring_back import BringBackMutations
from schema.mutations.contacts import ContactMutations
from schema.mutations.credentials import CredentialMutations
from schema.mutations.forms import FormMutations
from schema.mutations.groups import GroupMutations
from schema.mutations.identity_providers import IdentityProviderMutations
from schema.mutations.mails import MailMutations
from schema.mutations.organizations import OrganizationMutations
from schema.mutations.own_access import OwnAccessMutations
from schema.mutations.passkeys import PasskeyMutations
from schema.mutations.people import PeopleMutations
from schema.mutations.registration import RegistrationMutations
from schema.mutations.relying_parties import RelyingPartyMutations
from schema.mutations.reviews import ReviewMutations
from schema.mutations.second_step import SecondStepMutations
from schema.mutations.sessions import SessionMutations
from schema.mutations.signals import SignalMutations
from schema.mutations.sis_credentials import SisMutations
from schema.mutations.state import StateMutations
from schema.mutations.suggestions import SuggestionMutations
from schema.mutations.uploads import UploadMutations
from schema.mutations.years import YearMutations


@strawberry.type
class Mutation(
    AccountMutations,
    BringBackMutations,
    ContactMutations,
    CredentialMutations,
    FormMutations,
    GroupMutations,
    IdentityProviderMutations,
    MailMutations,
    OrganizationMutations,
    OwnAccessMutations,
    PasskeyMutations,
    PeopleMutations,
    RegistrationMutations,
    RelyingPartyMutations,
    ReviewMutations,
    SecondStepMutations,
    SignalMutations,
    SessionMutations,
    SisMutations,
    StateMutations,
    SuggestionMutations,
    UploadMutations,
    YearMutations,
):
    """Every change that a person can carry out."""
