"""The Jinja2 environments of pages and letters: undefined names are errors, templates are read once."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def environment_of(folder: Path, *, escaping: bool = True) -> Environment:
    """For the templates of a folder. Without `escaping` for plain text only, of which no HTML is made."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=escaping,  # noqa: S701 - each caller says which; the default escapes
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
