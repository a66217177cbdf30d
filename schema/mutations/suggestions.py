"""Mutations by which suggested roles are accepted or dismissed."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from resolvers.references import read_id
from resolvers.suggestions import deciding
from resolvers.suggestions.deciding import AcceptAsked, AcceptRow, AcceptSchoolAsked, DismissRow
from schema.asked import Info, answered, rule_of_rows
from schema.assignments import RoleAssignment
from schema.directives import PUBLIC, any_of
from schema.mapped import row_of
from schema.mutations.shared import UserError, user_errors
from schema.rules import GIVE_ROLES, MANAGE_SUGGESTIONS, SIGHT
from schema.sizes import listed
from schema.users import User


@strawberry.input
class AcceptSuggestionsInput:
    ids: list[strawberry.ID] = strawberry.field(description="Up to 100.")
    role: str | None = strawberry.field(
        default=strawberry.UNSET, description="What is given instead of what each of them suggests."
    )

    def read(self) -> AcceptAsked:
        return AcceptAsked(tuple(read_id(one) for one in self.ids), RoleSlug(self.role) if self.role else None)


@strawberry.input
class AcceptSuggestionsOfSchoolInput:
    organization: strawberry.ID
    program: str
    school_year: str | None = strawberry.field(default=strawberry.UNSET, description="The current one, if left out.")

    def read(self) -> AcceptSchoolAsked:
        year = SchoolYear(self.school_year) if self.school_year else None
        return AcceptSchoolAsked(read_id(self.organization), ProgramCode(self.program), year)


@strawberry.input
class DismissSuggestionsInput:
    ids: list[strawberry.ID] = strawberry.field(description="Up to 100.")


@strawberry.type(directives=[PUBLIC], description="What a suggestion has become.")
class AcceptedSuggestion:
    suggestion: strawberry.ID | None
    user: User | None = row_of("user")
    assignment: RoleAssignment | None = row_of("assignment")
    unapplied: list[str] = strawberry.field(
        description="Fields that differ from what the account with this address has, which stays as it is."
    )


@strawberry.type(directives=[PUBLIC], description="A suggestion that can't be accepted and stays open.")
class SuggestionLeft:
    suggestion: strawberry.ID | None
    refusal: UserError | None


@strawberry.type(directives=[PUBLIC])
class AcceptSuggestionsPayload:
    accepted: list[AcceptedSuggestion] | None = listed(100)
    left: list[SuggestionLeft] | None = listed(
        100, description="Of a school accepted as a whole: those that can't be, each with the reason."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class DismissSuggestionsPayload:
    dismissed: list[strawberry.ID] | None
    user_errors: list[UserError] = user_errors()


async def _accept(info: Info, input: AcceptSuggestionsInput) -> AcceptRow:
    see = any_of(MANAGE_SUGGESTIONS)
    return await deciding.accept_ticked(info.context, input.read(), rule_of_rows(info), see)


async def _accept_school(info: Info, input: AcceptSuggestionsOfSchoolInput) -> AcceptRow:
    see = any_of(MANAGE_SUGGESTIONS)
    return await deciding.accept_school(info.context, input.read(), rule_of_rows(info), see, SIGHT)


async def _dismiss(info: Info, input: DismissSuggestionsInput) -> DismissRow:
    return await deciding.dismiss_ticked(info.context, [read_id(one) for one in input.ids], rule_of_rows(info))


@strawberry.type
class SuggestionMutations:
    accept_suggestions: AcceptSuggestionsPayload | None = answered(
        _accept,
        GIVE_ROLES,
        description="Gives suggested roles as createUser does, up to 100 at once: all that are named, or none.",
    )
    accept_suggestions_of_school: AcceptSuggestionsPayload | None = answered(
        _accept_school,
        GIVE_ROLES,
        description="The same for the open ones of a school that have a role, up to 100 by name; "
        "those that can't be accepted stay.",
    )
    dismiss_suggestions: DismissSuggestionsPayload | None = answered(
        _dismiss,
        MANAGE_SUGGESTIONS,
        description="What is known of the persons is forgotten; sets to come don't bring these back.",
    )
