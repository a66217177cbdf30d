"""The client's generated part is what its generator makes of the document, and both of its clients are one."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from examples.decisions_client.generate import generated
from examples.decisions_client.terms import PERMISSIONS, Permission, Reason
from gateway.openapi.document import document
from policy.reasons import Reason as Known
from store.shipped_packs import vocabulary

FOLDER = Path(__file__).parents[2] / "examples" / "decisions_client"


def test_the_committed_module_is_the_generator_s() -> None:
    made = generated(json.loads(json.dumps(document())))
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(FOLDER / "terms.py"), "-"]
    done = subprocess.run(command, input=made, capture_output=True, text=True, check=True)
    assert (FOLDER / "terms.py").read_text(encoding="utf-8") == done.stdout, (
        "python examples/decisions_client/generate.py docs/openapi.json | ruff format --stdin-filename terms.py - "
        "> examples/decisions_client/terms.py"
    )


def test_its_words_are_the_code_s() -> None:
    assert get_args(Permission) == (*vocabulary(), "open")
    assert frozenset(vocabulary()) < PERMISSIONS
    assert [one.value for one in Reason] == [one.value for one in Known]


def test_the_two_clients_differ_in_waiting_alone() -> None:
    assert _plain("async_client.py") == _plain("client.py")


def _plain(name: str) -> list[str]:
    text = (FOLDER / name).read_text(encoding="utf-8").partition("\nclass ")[2]
    text = re.sub(r"\b(async (?=def|with|for)|await |asyncio\.timeout\(left\),)", "", text)
    for there, here in (
        ("Async", ""),
        ("__aenter__", "__enter__"),
        ("__aexit__", "__exit__"),
        ("aclose", "close"),
        ("aiter_bytes", "iter_bytes"),
        ("asyncio.sleep", "time.sleep"),
        ("asyncio.Lock", "threading.Lock"),
        ("event loop", "process"),
        ("many tasks", "many threads"),
        ("one task", "one thread"),
    ):
        text = text.replace(there, here)
    return re.sub(r"[\s,():]+", " ", text).split()


def test_it_needs_nothing_of_hallpass() -> None:
    for path in FOLDER.glob("*.py"):
        imported = re.findall(r"^(?:from|import) ([\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        foreign = {one.partition(".")[0] for one in imported if not one.startswith(".")} - sys.stdlib_module_names
        assert foreign <= {"httpx2"}, path
