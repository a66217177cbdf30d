"""The query for roles that student information systems suggest."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode, SchoolYear
from resolvers.pages import Listing
from resolvers.references import read_id
from resolvers.suggestions import listing
from resolvers.suggestions.listing import SuggestionRow, SuggestionsAsked
from schema.asked import Info, answered
from schema.connections import After, Connection, First
from schema.directives import any_of
from schema.rules import GIVE_ROLES, MANAGE_SUGGESTIONS, SIGHT
from schema.suggestions import RoleSuggestion
from schema.words import SuggestionState


async def _suggestions(
    info: Info,
    organization: strawberry.ID,
    program: str,
    school_year: str | None = strawberry.UNSET,
    state: SuggestionState = SuggestionState.OPEN,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Listing[SuggestionRow]:
    asked = SuggestionsAsked(
        read_id(organization), ProgramCode(program), SchoolYear(school_year) if school_year else None, state
    )
    return await listing.page(info.context, asked, any_of(MANAGE_SUGGESTIONS), any_of(GIVE_ROLES), SIGHT, first, after)


@strawberry.type
class SuggestionQueries:
    role_suggestions: Connection[RoleSuggestion] | None = answered(
        _suggestions,
        MANAGE_SUGGESTIONS,
        description="What student information systems suggest there, of an LEA in its schools as well; "
        "without `schoolYear`, in the program's current one.",
    )
