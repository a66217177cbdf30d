"""From a submission to an operation that is ready to run: read, chosen, within its cost."""

from dataclasses import dataclass

from graphql import GraphQLError

from gateway.graphql.admission import Admission
from gateway.graphql.documents import MalformedError
from gateway.graphql.execution import Run
from gateway.graphql.service import Service
from gateway.graphql.submission import Submission
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """`run` calls the admission's `enter` once its caller is known; whoever ran it calls `settle`."""

    run: Run
    admission: Admission


def prepared(service: Service, submission: Submission, settings: Settings, address: str) -> Prepared:
    """Raises MalformedError for a document that can't be run, or an operation that costs more than any may.

    `address`: where the request comes from, whose budget nobody in particular asks on.
    """
    document = service.documents.read(submission.document, submission.trusted)
    operation = document.operation(submission.operation)
    cost = document.cost(operation, service.pricing)
    requested = cost.requested(submission.variables)
    if requested > settings.graphql_max_cost:
        raise MalformedError([_too_costly(requested, settings.graphql_max_cost)])
    admission = Admission(service.budget, requested, cost.apart(submission.variables), address)
    return Prepared(Run(document, operation, submission.variables, admission.enter), admission)


def _too_costly(requested: int, most: int) -> GraphQLError:
    text = (
        f"The operation may cost {requested:,} points, where {most:,} are allowed: "
        "ask for smaller pages (`first`), above all where lists stand within lists."
    )
    return GraphQLError(text, extensions={"cost": {"requested": requested, "maximum": most}})
