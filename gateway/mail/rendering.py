"""Turns notices into a letter: one source of sentences for the text and the HTML, so that both say the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, Template

from gateway.templating import environment_of

TEMPLATES: Final = Path(__file__).parent / "templates"
_SEVERAL: Final = "Changes to your Hallpass access"


@dataclass(frozen=True, slots=True)
class Said:
    """A notice with the words that its template asks for."""

    template: str
    words: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every letter has. `name` is the greeted person's, `link` where its button leads, if it has one."""

    name: str
    issuer: str
    reply_to: str
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def letter(notices: Sequence[Said], frame: Frame) -> Letter:
    """One letter that tells all notices, the first one's subject if there are no others. Nothing is said twice."""
    subjects = list(dict.fromkeys(" ".join(_block(one, "subject")) for one in notices))
    actions = [action for one in notices for action in _block(one, "action")]
    before = _without_repeats(notices, "body")
    after = [one for one in _without_repeats(notices, "next") if one not in before]
    context: dict[str, object] = {
        "name": frame.name,
        "issuer": frame.issuer,
        "reply_to": frame.reply_to,
        "subject": subjects[0] if len(subjects) == 1 or notices[0].template == "invitation" else _SEVERAL,
        "before": before,
        "after": after,
        "action": actions[0] if actions else "",
        "link": frame.link if actions else "",
    }
    return Letter(
        str(context["subject"]),
        _plain().get_template("layout.txt").render(context),
        _escaping().get_template("layout.html").render(context),
    )


def _without_repeats(notices: Sequence[Said], block: str) -> list[str]:
    return list(dict.fromkeys(paragraph for one in notices for paragraph in _block(one, block)))


def _block(said: Said, name: str) -> Iterator[str]:
    """The paragraphs of a template's block."""
    template = _template(said.template)
    if name not in template.blocks:
        return
    text = "".join(template.blocks[name](template.new_context(dict(said.words))))
    for paragraph in re.split(r"\n\s*\n", text):
        if paragraph.strip():
            yield " ".join(paragraph.split())


def _template(name: str) -> Template:
    return _plain().get_template(f"{name}.txt")


@cache
def _plain() -> Environment:
    """For text, which nothing is escaped in; what comes from people was made harmless before."""
    return environment_of(TEMPLATES, escaping=False)


@cache
def _escaping() -> Environment:
    return environment_of(TEMPLATES)
