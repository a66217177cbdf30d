"""OneRoster sets for tests, as a student information system exports them, and how they are sent and looked at."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import httpx2

from tests.graphql.world import CAASPP, LEA, Caller

PATH = "/uploads/one-roster"
CLASSES_PATH = "/uploads/one-roster/classes"
LEA_CODE, PARK_CODE, HILL_CODE, BEACH_CODE = "19647330000000", "19647331930000", "19647331930001", "01611196000000"
ORGS = f"""sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
d1,,,Valley Unified,district,{LEA_CODE},
park,,,Park,school,{PARK_CODE},d1
hill,,,Hill,school,{HILL_CODE},d1
"""
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
    "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns"
)
ROLES = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
)
LIST = """query ($organization: ID!, $program: String!, $state: SuggestionState!, $first: Int, $after: String) {
    roleSuggestions(organization: $organization, program: $program, state: $state, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id email firstName lastName phone schoolYear sourceRole state role { code } organization { code }
                user { id } sentBy { id } decidedBy { id } refusal { code rule message remedy } } } }"""


def user(name: str, email: str | None = None, identifier: str = "", first: str = "", last: str = "Staff") -> str:
    address = f"{name}@valley.example" if email is None else email
    return f"{name},,,true,{name},,{first or name.title()},{last},,{identifier},{address},,,,,,,,,,,"


def role(name: str, org: str = "park", what: str = "teacher", ends: str = "") -> str:
    return f"{name}-{org}-{what},,,{name},primary,{what},,{ends},{org},"


def manifest(version: str = "1.2", **modes: str) -> str:
    rows = [f"file.{name},{mode}" for name, mode in modes.items()]
    return "\n".join(("propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}", *rows, ""))


def tables(*roles: str, users: Iterable[str] = (), orgs: str = ORGS) -> dict[str, str]:
    """A 1.2 set of staff: roles, and users of the same names where none are given."""
    names = dict.fromkeys(one.split(",")[3] for one in roles)
    listed = tuple(users) or tuple(user(name) for name in names)
    return {
        "manifest.csv": manifest(orgs="bulk", users="bulk", roles="bulk", classes="absent", enrollments="absent"),
        "orgs.csv": orgs,
        "users.csv": "\n".join((USERS, *listed, "")),
        "roles.csv": "\n".join((ROLES, *roles, "")),
    }


def zipped(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


async def post(
    asking: Caller, data: bytes, path: str = PATH, media_type: str = "application/zip", **fields: str
) -> httpx2.Response:
    fields.setdefault("program", CAASPP)
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    headers = {**asking.headers, "Content-Type": media_type}
    return await asking.http.post(f"{path}?{query}", content=data, headers=headers)


async def sent(asking: Caller, *roles: str, **changes: Any) -> dict[str, Any]:
    """What the answer says of a set of these roles."""
    answer = await post(asking, zipped(tables(*roles, **changes)))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(asking: Caller, where: Any = LEA, state: str = "OPEN", **more: Any) -> list[dict[str, Any]]:
    found = await asking.data(LIST, organization=str(where), program=CAASPP, state=state, **more)
    return found["roleSuggestions"]["nodes"]


def counts(answer: dict[str, Any]) -> dict[str, int]:
    """Those that aren't zero."""
    return {name: count for name, count in answer["suggestions"].items() if count}
