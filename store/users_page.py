"""Pages and counts of users."""

from uuid import UUID

from policy.access import RowFilter
from store.composed import Parameters, fill
from store.connection import Connection
from store.own_systems import OwnSystems
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_key_cursor, start_behind, write_cursor
from store.reach import ReachedRows, with_clause
from store.records import Count, Page, UserRecord
from store.user_search import EVERY_USER, UserFilter, UserSearch
from store.users import user_columns, user_record

_KIND = "users"


async def users_page(
    connection: Connection,
    request: PageRequest,
    rows: RowFilter,
    wanted: UserFilter = EVERY_USER,
    own: OwnSystems | None = None,
) -> Page[UserRecord]:
    """A page of the users that the caller may see, by name. One statement. Raises PageRefusedError."""
    after_key, after_id = read_key_cursor(_KIND, request.after)
    if _holds_no_user(rows):
        return Page((), (), has_next=False, has_previous=request.after is not None)
    search = _search(rows, wanted, own, (after_key, after_id), request.first + 1)
    candidates = search.candidates()
    columns = user_columns(search.reached)
    ctes = with_clause(*search.reached.ctes(), *search.ctes())
    text = fill("users", "page", **{"with": ctes}, columns=columns, candidates=candidates, limit=search.limit)
    found = await connection.fetch(text, *search.parameters.values)
    return page_of(found, request, user_record, lambda row: write_cursor(_KIND, row["name_key"], str(row["id"])))


async def count_users(
    connection: Connection, rows: RowFilter, wanted: UserFilter = EVERY_USER, own: OwnSystems | None = None
) -> Count:
    """How many users the page's list holds in all. One statement."""
    if _holds_no_user(rows):
        return Count(0, 0)
    search = _search(rows, wanted, own, ("", UUID(int=0)), COUNTED_EXACTLY + 1)
    candidates = search.candidates(ordered=False)
    ctes = with_clause(*search.reached.ctes(), *search.ctes())
    text = fill("users", "count", **{"with": ctes}, candidates_unordered=candidates, limit=search.limit)
    return count_of(await connection.fetchval(text, *search.parameters.values))


def _holds_no_user(rows: RowFilter) -> bool:
    return rows.own is None and not rows.visible.ranges


def _search(
    rows: RowFilter, wanted: UserFilter, own: OwnSystems | None, after: tuple[str, UUID], most: int
) -> UserSearch:
    parameters = Parameters()
    start_key, start_id = start_behind(after, wanted.name_prefix)
    return UserSearch(
        rows,
        wanted,
        parameters,
        ReachedRows(parameters, rows, own),
        after_key=parameters.add(start_key, "text"),
        after_id=parameters.add(start_id, "uuid"),
        limit=parameters.add(most, "int"),
    )
