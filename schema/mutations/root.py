"""The mutation root, put together from one class for each subject.

Each field's directive states the permission, which is handed to its resolver as a value.
"""

from __future__ import annotations

import strawberry

from schema.mutations.forms import FormMutations
from schema.mutations.people import PeopleMutations


@strawberry.type
class Mutation(FormMutations, PeopleMutations):
    """Every change that a person can carry out."""
