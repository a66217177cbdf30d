"""What the measured coordinator sees, as data: enough for a server without access rules to give the same answer."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import orjson

VARIABLE = "BENCH_SIGHT"
PAGE = 50


@dataclass(frozen=True, slots=True)
class Sight:
    """One LEA in one program and year, and the coordinator herself."""

    lea: str
    program: str
    school_year: str
    own: str
    labels: Mapping[str, str]
    """The label of each role that may occur, by `program/year/role`."""
    gives: str = ""
    """Through a relying party's token: the further condition on an assignment; see `bench.given`."""

    @property
    def parameters(self) -> tuple[str, str, str]:
        """In the order of the statements in `bench.apps.users_sql`."""
        return (self.lea, self.program, self.school_year)

    def variables(self) -> dict[str, str]:
        """The environment that hands it to a server."""
        return {VARIABLE: orjson.dumps(asdict(self)).decode()}

    @classmethod
    def of_environment(cls) -> Self:
        members: dict[str, Any] = orjson.loads(os.environ[VARIABLE])
        return cls(**members)
