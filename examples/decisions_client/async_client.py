"""The client for programs with an event loop: `client.py` with `await`."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx2

from .attempts import Attempts
from .deciding import decision, decisions, portions
from .memory import Memory
from .outcomes import Outcome, Refused, RefusedError
from .paging import Paging
from .questions import Question, actions_asked, bodies_of, body_of, resources_asked, subjects_asked
from .reading import REQUEST_ID, Json, Reply
from .settings import Settings
from .terms import (
    ACTIONS_PATH,
    EVALUATION_PATH,
    EVALUATIONS_PATH,
    RESOURCES_PATH,
    SUBJECTS_PATH,
    TOKENS,
    Action,
    Resource,
    SearchedKind,
    Subject,
)
from .tokens import KeptToken, token_request
from .wire import answered, is_coded, request_headers


class AsyncDecisionClient:
    """One for the whole event loop: it keeps connections and the token. May be used by many tasks at once."""

    def __init__(self, settings: Settings, http: httpx2.AsyncClient | None = None) -> None:
        self._settings = settings
        self._http = http or httpx2.AsyncClient()
        self._memory = Memory(settings.keep_seconds, settings.keep_most)
        self._token = KeptToken()
        self._token_lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def evaluate(
        self, subject: Subject, action: Action, resource: Resource, *, at_least: str | None = None
    ) -> Outcome:
        """May she? `at_least`: an access version that the answer must have seen."""
        question, asked_at, age = Question(subject, action, resource), time.monotonic(), self._memory.age
        known = self._memory.get(question, at_least, asked_at)
        if known is not None:
            return known
        found = decision(await self._ask(EVALUATION_PATH, body_of(question.json(), at_least)))
        self._memory.keep(question, at_least, found, asked_at=asked_at, age=age)
        return found

    async def evaluate_all(self, questions: Sequence[Question], *, at_least: str | None = None) -> list[Outcome]:
        """One outcome for each question, in their order; a hundred questions travel together."""
        found: list[Outcome] = []
        for asked in portions(questions):
            found += decisions(await self._ask(EVALUATIONS_PATH, bodies_of(asked, at_least)), len(asked))
        return found

    async def subjects(self, action: Action, resource: Resource, *, at_least: str | None = None) -> list[str]:
        """Ids of all users who may. Raises RefusedError."""
        return await self._search(
            SUBJECTS_PATH, Paging(subjects_asked(action, resource), "user of SubjectPage", at_least)
        )

    async def resources(
        self, subject: Subject, action: Action, kind: SearchedKind, *, at_least: str | None = None
    ) -> list[str]:
        """Ids of everything of this kind with which she may. Raises RefusedError."""
        return await self._search(RESOURCES_PATH, Paging(resources_asked(subject, action, kind), kind, at_least))

    async def actions(self, subject: Subject, resource: Resource, *, at_least: str | None = None) -> list[str]:
        """All that she may do with it, of this system's own permissions. Raises RefusedError."""
        return await self._search(ACTIONS_PATH, Paging(actions_asked(subject, resource), "action", at_least))

    def forget(self, user: str | None = None) -> None:
        """Use no kept decision about this user (None: about anybody) again: call it when her access has changed."""
        self._memory.forget(user)

    async def token(self) -> str:
        """An access token for the gateway, such as GraphQL and its subscriptions take it. Raises RefusedError."""
        found = await self._good_token(time.monotonic() + self._settings.seconds)
        if isinstance(found, Refused):
            raise RefusedError(found)
        return found

    async def _search(self, path: str, paging: Paging) -> list[str]:
        while True:
            answer = await self._ask(path, paging.body())
            if isinstance(answer, Refused):
                if not paging.begin_again(answer):
                    raise RefusedError(answer)
            elif paging.take(answer):
                return paging.results

    async def _ask(self, path: str, body: bytes) -> Json | Refused:
        attempts = Attempts(self._settings.attempts, time.monotonic() + self._settings.seconds)
        while True:
            token = await self._good_token(attempts.until)
            if isinstance(token, Refused):
                return token
            headers = request_headers(token)
            reply = await self._post(path, headers, body, attempts.until)
            if reply is not None and attempts.renew(reply):
                self._token.drop(token)
                continue
            pause = attempts.pause(reply, time.monotonic(), random.random())  # noqa: S311 - no secret
            if pause is None:
                return answered(reply, headers[REQUEST_ID])
            await asyncio.sleep(pause)

    async def _good_token(self, until: float) -> str | Refused:
        """The kept one, or a new one, which one task at a time asks for."""
        async with self._token_lock:
            now = time.monotonic()
            kept = self._token.good(now) or self._token.lately_refused(now)
            if kept is not None:
                return kept
            headers, body = token_request(self._settings)
            attempts = Attempts(self._settings.attempts, until)
            while True:
                asked_at = time.monotonic()
                reply = await self._post(TOKENS, headers, body, until)
                pause = attempts.pause(reply, time.monotonic(), random.random())  # noqa: S311 - no secret
                if pause is None:
                    return self._token.keep(reply, asked_at, time.monotonic())
                await asyncio.sleep(pause)

    async def _post(self, path: str, headers: Mapping[str, str], body: bytes, until: float) -> Reply | None:
        """The whole answer within the time, or None."""
        left = until - time.monotonic()
        if left <= 0:
            return None
        try:
            async with (
                asyncio.timeout(left),
                self._http.stream(
                    "POST",
                    self._settings.base + path,
                    content=body,
                    headers=headers,
                    timeout=left,
                    follow_redirects=False,
                ) as response,
            ):
                if is_coded(response.headers):
                    return Reply(response.status_code, {}, b"")
                found = b""
                async for part in response.aiter_bytes():
                    found += part
                    if time.monotonic() > until:
                        return None
                    if len(found) > self._settings.most_bytes:
                        return Reply(response.status_code, {}, b"")
                return Reply(response.status_code, dict(response.headers), found)
        except (httpx2.HTTPError, OSError):
            return None
