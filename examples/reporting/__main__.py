"""Serves the reporting system: `python -m examples.reporting`, with REPORTING_* in the environment."""

import os
import signal
import sys
import threading

import uvicorn

from examples.reporting.app import create_app
from examples.reporting.settings import load_settings


def _stop_with_parent() -> None:
    """End when standard input closes: whoever started this system is gone, however that came about."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    settings = load_settings()
    if "--until-stdin-closes" in sys.argv[1:]:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    uvicorn.run(create_app(settings), host="localhost", port=settings.port, log_level="warning", server_header=False)


main()
