"""What follows a judgement: the decision gets its id, is told, logged in its sample and, where it lasts, kept."""

from collections.abc import Mapping
from typing import Any, cast

from starlette.requests import Request

from gateway.decisions.answers import decision_json
from gateway.decisions.exchange import desk_of
from gateway.decisions.lines import Learned, line_name
from gateway.decisions.logged import Moment, logged
from gateway.observation import request_id_of
from gateway.remembered import known_caller
from gateway.state import gateway_of
from policy.caller import PersonCaller
from resolvers.decisions import CheckAsked, Judge, Judged


class Telling:
    """The answers of one request."""

    def __init__(self, request: Request, judge: Judge) -> None:
        gateway, self._desk = gateway_of(request), desk_of(request)
        self._log, self._now = gateway.decision_log, gateway.now()
        self._request_id = request_id_of(request.scope)
        self._caller = known_caller(request)
        self._judge = judge
        self._explained = isinstance(judge.asker.caller, PersonCaller)

    def told(self, check: CheckAsked, judged: Judged, asked: Mapping[str, Any]) -> bytes:
        """The decision as JSON. `asked`: subject, action and resource as they were written."""
        moment = Moment(self._desk.ids.next(), self._now, self._request_id)
        answer = decision_json(judged, moment.decision_id, explained=self._explained)
        if self._log.wants(allowed=judged.decision.allowed):
            self._log.take(logged(self._judge, check, judged, moment))
        if check.lasting and self._caller is not None:
            name = line_name(asked.get("subject"), asked.get("action"))
            learned = Learned(check, judged, cast(str, asked["resource"]["id"]), answer, moment)
            self._desk.lines.learn(self._caller, name, self._judge, learned)
        return answer
