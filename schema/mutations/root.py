"""The mutation root, put together from one class for each subject.

Each field's directive states the permission, which is handed to its resolver as a value.
"""

from __future__ import annotations

import strawberry

from schema.mutations.accounts import AccountMutations
from schema.mutations.contacts import ContactMutations
from schema.mutations.credentials import CredentialMutations
from schema.mutations.forms import FormMutations
from schema.mutations.groups import GroupMutations
from schema.mutations.people import PeopleMutations
from schema.mutations.uploads import UploadMutations
from schema.mutations.years import YearMutations


@strawberry.type
class Mutation(
    AccountMutations,
    ContactMutations,
    CredentialMutations,
    FormMutations,
    GroupMutations,
    PeopleMutations,
    UploadMutations,
    YearMutations,
):
    """Every change that a person can carry out."""
