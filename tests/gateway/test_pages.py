"""The stylesheet's colors meet contrast AA in light and dark, and pages need neither script nor inline style."""

import gzip
import re
from pathlib import Path

import httpx2
import pytest

from gateway.pages import TEMPLATES
from gateway.static_files import static_url

CSS = (TEMPLATES.parent / "static" / "hallpass.css").read_text(encoding="utf-8")
_ROOTS = re.findall(r":root \{(.*?)\n\s*\}", CSS, re.DOTALL)
LIGHT, DARK_CHANGES = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in _ROOTS)
THEMES = {"light": LIGHT, "dark": {**LIGHT, **DARK_CHANGES}}
TEXT = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-soft", "accent", "accent-strong", "danger")
        for ground in ("page", "surface", "sunken")
    ),
    *((kind, f"{kind}-soft") for kind in ("success", "warning", "danger")),
    *(("ink", f"{kind}-soft") for kind in ("success", "warning", "danger", "accent", "neutral")),
    *(("accent-strong", "accent-soft"), ("ink-soft", "accent-soft"), ("accent-ink", "accent")),
    *(("accent-ink", "accent-strong"), ("danger-ink", "danger")),
]
EDGES = [("line-strong", "page"), ("line-strong", "surface"), ("accent", "page"), ("accent", "surface")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground", "least"), [(*pair, 4.5) for pair in TEXT] + [(*pair, 3.0) for pair in EDGES])
def test_wcag_1_4_3_and_1_4_11_contrast(theme: str, ink: str, ground: str, least: float) -> None:
    assert _contrast(THEMES[theme][ink], THEMES[theme][ground]) >= least


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
@pytest.mark.checklist("35 content of other hosts")
def test_templates_stay_within_the_content_security_policy(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href|action)=\"https?:", text)
    assert "|safe" not in text.replace(" ", "")


async def test_static_files_are_compressed_where_asked(client: httpx2.AsyncClient) -> None:
    url = static_url("hallpass.css")
    plain = await client.get(url, headers={"Accept-Encoding": "identity"})
    assert plain.text == CSS
    assert plain.headers["content-type"].startswith("text/css")
    zipped = await client.get(url, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.text == CSS
    assert len(gzip.compress(CSS.encode())) < 5_000


@pytest.mark.parametrize("name", ["../settings.py", "%2e%2e/settings.py", "nothing.css", "/etc/passwd", ""])
async def test_nothing_else_is_served(client: httpx2.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/0/{name}")).status_code == 404


def test_a_wrong_static_name_fails_where_it_is_written() -> None:
    with pytest.raises(FileNotFoundError):
        static_url("halpass.css")


async def test_an_error_page_is_a_whole_page(client: httpx2.AsyncClient) -> None:
    text = (await client.get("/nowhere", headers={"Accept": "text/html"})).text
    assert '<html lang="en">' in text
    assert '<main id="main"' in text
    assert 'href="#main"' in text
    assert text.count("<h1>") == 1


def _contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio of two #rrggbb colors."""
    dark, light = sorted((_luminance(first), _luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
