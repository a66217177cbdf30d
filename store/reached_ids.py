"""Ids of people and organizations within a reach, page by page by name: what the decision API's searches ask for."""

from typing import Any
from uuid import UUID

from policy.access import RowFilter
from policy.ids import OrganizationId, UserId
from policy.reach import Visible
from store.compile_rows import read_position
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.organization_search import PageStart, every_organization, is_statewide, reached_organizations
from store.own_systems import OwnSystems
from store.pages import PageRequest, page_of, write_cursor
from store.reach import ReachedRows, with_clause
from store.records import Page
from store.tables import ORGANIZATIONS, USERS, Table
from store.user_search import UserFilter, UserSearch


async def users_reached(
    connection: Connection, request: PageRequest, rows: RowFilter, own: OwnSystems | None = None
) -> Page[UserId]:
    """People whom the filter shows. `own`: the rules of its systems. One statement. Raises PageRefusedError."""
    parameters = Parameters()
    start = _start(parameters, USERS, request)
    if rows.own is None and not rows.visible.ranges:
        return _nobody(request)
    reached = ReachedRows(parameters, rows, own)
    search = UserSearch(rows, UserFilter(), parameters, reached, start.after_key, start.after_id, start.limit)
    candidates = search.candidates()
    ctes = with_clause(*reached.ctes(), *search.ctes())
    text = fill("reads", "ids", **{"with": ctes}, candidates=candidates, limit=start.limit, id="user_id")
    return _page(await connection.fetch(text, *parameters.values), request, USERS)


async def organizations_reached(connection: Connection, request: PageRequest, visible: Visible) -> Page[OrganizationId]:
    """Organizations inside the reach. One statement. Raises PageRefusedError."""
    parameters = Parameters()
    start = _start(parameters, ORGANIZATIONS, request)
    ranges = [one for one in visible.ranges if not one.roles]
    reached = ReachedRows(parameters, RowFilter(visible), None)
    if is_statewide(ranges):
        candidates = every_organization(start, reached.organization("o"), "")
    else:
        candidates = reached_organizations(parameters, start, ranges, "")
    ctes = with_clause(*reached.ctes())
    text = fill("reads", "ids", **{"with": ctes}, candidates=candidates, limit=start.limit, id="id")
    return _page(await connection.fetch(text, *parameters.values), request, ORGANIZATIONS)


def _start(parameters: Parameters, table: Table, request: PageRequest) -> PageStart:
    key, identifier = read_position(table, request.after)
    return PageStart(
        parameters.add(key, "text"), parameters.add(identifier, "uuid"), parameters.add(request.first + 1, "int")
    )


def _page(found: list[Row], request: PageRequest, table: Table) -> Page[Any]:
    return page_of(found, request, _id, lambda row: write_cursor(table.rows.value, row["name_key"], str(row["id"])))


def _id(row: Row) -> UUID:
    return row["id"]


def _nobody(request: PageRequest) -> Page[UserId]:
    return Page((), (), has_next=False, has_previous=request.after is not None)
