"""`python -m bench.load`: a job on standard input, its result on standard output."""

import sys

import uvloop

from bench.load.job import Job
from bench.load.run import run


def main() -> None:
    """One job; the process ends with it."""
    result = uvloop.run(run(Job.from_json(sys.stdin.buffer.read())))
    sys.stdout.buffer.write(result.to_json())


if __name__ == "__main__":
    main()
