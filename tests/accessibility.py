"""Judges a page in the browser by axe-core: WCAG 2.2 A and AA, with the page's own style, theme and width."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.project import ROOT

_FILE = ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OPTIONS = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}


@cache
def _source() -> str:
    return _FILE.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Each violation with the elements that have it; empty for a page that has none."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source() + ";0")
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", _OPTIONS)
    return [
        f"{one['id']}: {one['help']}: {[' '.join(map(str, node['target'])) for node in one['nodes']][:5]}"
        for one in found["violations"]
    ]


def overflows(page: Page) -> bool:
    """Whether the page is wider than the window: nobody scrolls sideways on a phone."""
    return page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
