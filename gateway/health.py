"""`/healthz`, `/readyz` and `/metrics`: alive, able to serve, and how it goes."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gateway import checks
from gateway.metrics import CONTENT_TYPE, Metrics
from gateway.state import gateway_of


async def healthz(_: Request) -> Response:
    """200 while the process answers at all; asks nothing of the database."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """200 when database, migrations and keys are in order, else 503; each named, with why not."""
    gateway = gateway_of(request)
    found = await checks.findings(gateway.pool, checks.READINESS, gateway.now())
    ready = all(finding.ok for finding in found)
    body = {
        "status": "ready" if ready else "not ready",
        "checks": [
            {"name": finding.name, "ok": finding.ok} | ({"problem": finding.problem} if finding.problem else {})
            for finding in found
        ],
    }
    return JSONResponse(body, status_code=200 if ready else 503)


async def metrics(request: Request) -> Response:
    """Prometheus' text format 0.0.4."""
    measured: Metrics = request.app.state.metrics
    gateway = gateway_of(request)
    measured.refresh(gateway.pool)
    measured.decisions_logged(gateway.decision_log.written, gateway.decision_log.dropped)
    measured.signaled(gateway.signals)
    return Response(measured.text(), headers={"Content-Type": CONTENT_TYPE})
