"""Schemas of what the decision API answers: decisions with reason codes, errors of single questions, pages."""

from collections.abc import Mapping
from typing import Final

from gateway.decisions.asked import USER
from gateway.decisions.searching import MOST_RESULTS
from gateway.openapi.schemas import FLAG, WORD, Schema, described, listed, members, one_of, ref
from policy.pack import Reach
from policy.reasons import Reason, StepKind
from resolvers.decisions import MOST_CHECKS

_ID: Final[Schema] = {"type": "string", "format": "uuid"}
_REASON: Final = ref("Reason")
_VERSION: Final = ref("AccessVersion")


def answer_schemas() -> Mapping[str, Schema]:
    return {
        "Reason": described(one_of(Reason), "`granted` where the decision is true, and nowhere else."),
        "AccessVersion": {
            "type": "string",
            "pattern": "^[0-9a-f]{16}$",
            "description": "Opaque. The last change of the subject's access that the answer rests on.",
        },
        "Grant": members(
            {
                "program": WORD,
                "role": WORD,
                "school_year": {"type": ["string", "null"]},
                "organization": WORD,
                "reach": one_of(Reach),
                "basis": WORD,
            },
            description="By what it is allowed; told to persons.",
        ),
        "MissingStep": members({"kind": one_of(StepKind), "name": WORD}),
        **_decisions(),
        **_pages(),
    }


def _decisions() -> Mapping[str, Schema]:
    explained: Mapping[str, Schema] = {
        "explanation": WORD,
        "missing": listed(ref("MissingStep")),
        "grant": ref("Grant"),
    }
    asserted = described(FLAG, "True where it rests on the asking system's own word.")
    context = members(
        {"reason": _REASON, "decision_id": _ID},
        {"access_version": _VERSION, "asserted": asserted, **explained},
        description="Systems are told reason, id and version; persons the explanation too.",
    )
    error = members({"status": {"type": "integer"}, "message": WORD})
    return {
        "Decision": members({"decision": FLAG, "context": context}),
        "QuestionError": members(
            {"decision": {"type": "boolean", "enum": [False]}, "context": members({"error": error})},
            description="One question of several that can't be understood.",
        ),
        "Evaluations": members(
            {
                "evaluations": listed(
                    {"oneOf": [ref("Decision"), ref("QuestionError")]}, minItems=1, maxItems=MOST_CHECKS
                )
            },
            description="In the order of the questions; fewer only where `evaluations_semantic` ends them early.",
        ),
    }


def _pages() -> Mapping[str, Schema]:
    results: Mapping[str, Schema] = {
        "Subject": members({"type": one_of((USER,)), "id": WORD}),
        "Resource": members({"type": WORD, "id": WORD}),
        "Action": members({"name": ref("Permission")}),
    }
    page = members(
        {"next_token": described(WORD, "Empty on the last page."), "count": {"type": "integer", "minimum": 0}}
    )
    context = members({}, {"access_version": _VERSION, "reason": _REASON})
    return {
        f"{kind}Page": members(
            {"page": page, "context": context, "results": listed(result, maxItems=MOST_RESULTS)},
            description="Complete with the pages that follow it; `reason` says why there can't be any result.",
        )
        for kind, result in results.items()
    }
