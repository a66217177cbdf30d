"""Reads a page's HTML for tests: what stands in which tag, and the faults that any page could have."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "input", "br", "img", "hr", "path", "rect", "circle"}


@dataclass
class Page(HTMLParser):
    """A parsed page; `faults` is empty for a sound one."""

    headings: list[str] = field(default_factory=list[str])
    links: dict[str, str] = field(default_factory=dict[str, str])
    ids: list[str] = field(default_factory=list[str])
    faults: list[str] = field(default_factory=list[str])
    fields: list[dict[str, str | None]] = field(default_factory=list[dict[str, str | None]])
    labels: set[str] = field(default_factory=set[str])
    _open: list[str] = field(default_factory=list[str])
    _text: str = ""
    _href: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("style", "script") or "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"inline script or style in <{tag}>")
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag in ("input", "textarea", "select"):
            self.fields.append(given | {"_in_label": "yes" if "label" in self._open else None})
        if tag == "label" and given.get("for"):
            self.labels.add(given["for"] or "")
        if tag == "a":
            self._href, self._text = given.get("href") or "", ""
        if tag in ("h1", "h2", "h3"):
            self._text = ""
        if tag not in _VOID:
            self._open.append(tag)

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")
        text = " ".join(self._text.split())
        if tag in ("h1", "h2", "h3"):
            self.headings.append(text)
        if tag == "a" and self._href is not None:
            self.links[self._href] = text
            if not text:
                self.faults.append(f"the link to {self._href} has no text")
            self._href = None


def read(html: str) -> Page:
    """The page, with every fault that it has."""
    page = Page()
    page.feed(html)
    page.close()
    if not html.startswith("<!doctype html>") and "<!doctype html>" not in html[:200]:
        page.faults.append("no doctype")
    if len(page.ids) != len(set(page.ids)):
        page.faults.append(f"an id twice: {sorted(one for one in page.ids if page.ids.count(one) > 1)}")
    page.faults += [
        f"no label for {one}"
        for one in page.fields
        if one.get("type") != "hidden" and not one["_in_label"] and one.get("id") not in page.labels
    ]
    return page
