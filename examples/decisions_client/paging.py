"""All pages of a search, put together: complete or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .outcomes import Cause, Refused, RefusedError
from .questions import body_of
from .reading import IncompleteError, Json, read_page
from .terms import MOST_RESULTS

_MOST_PAGES: Final = 1_000
_MOST_BEGINNINGS: Final = 3


@dataclass(slots=True)
class Paging:
    """One search: `body` is what to send next, `take` reads what came of it. Raises RefusedError."""

    asked: Mapping[str, object]
    kind: str
    at_least: str | None
    results: list[str] = field(default_factory=list[str])
    tokens: set[str] = field(default_factory=set[str])
    token: str = ""
    version: str | None = None
    begun: int = 1

    def body(self) -> bytes:
        page: dict[str, object] = {"limit": MOST_RESULTS}
        if self.token:
            page["token"] = self.token
        return body_of({**self.asked, "page": page}, self.at_least)

    def take(self, answer: Json) -> bool:
        """Whether that was the last page."""
        try:
            page = read_page(answer, self.kind, MOST_RESULTS)
            if self.tokens and page.access_version != self.version:
                raise IncompleteError("Two pages rest on two access versions.")
        except IncompleteError as error:
            raise RefusedError(Refused(Cause.ANSWER, str(error))) from error
        self.version, self.token = page.access_version, page.next_token
        self.results.extend(page.results)
        if self.token and (self.token in self.tokens or len(self.tokens) >= _MOST_PAGES):
            raise RefusedError(Refused(Cause.ANSWER, "The pages have no end."))
        self.tokens.add(self.token)
        if not self.token and len(set(self.results)) != len(self.results):
            raise RefusedError(Refused(Cause.ANSWER, "One result is given twice."))
        return not self.token

    def begin_again(self, refused: Refused) -> bool:
        """Whether to ask for the first page again: access changed between two pages, whose token then is refused."""
        if refused.cause is not Cause.QUESTION or not self.tokens or self.begun >= _MOST_BEGINNINGS:
            return False
        self.begun += 1
        self.results, self.tokens, self.token, self.version = [], set(), "", None
        return True
