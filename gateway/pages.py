"""Pages for a person: Jinja2 templates with autoescape on, static addresses and form tokens at hand."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway import csrf
from gateway.headers import page_policy
from gateway.state import gateway_of
from gateway.static_files import static_url
from gateway.tab_links import carried_on
from gateway.templating import environment_of

TEMPLATES = Path(__file__).parent / "templates"
TAB = "tab_context"


def render(
    request: Request,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
    form_targets: Sequence[str] = (),
    connect: bool = False,
) -> HTMLResponse:
    """The page of a template in `gateway/templates`.

    In templates: `csrf_field()` inside each form that posts, `static_url(name)`, `issuer`, `request_path`.
    `form_targets`: origins besides ours to which a form of this page may be redirected (a relying party's, after
    sign-in); browsers apply `form-action` to redirects too. What `context` has under TAB is the tab's context, which
    every link carries on (`gateway.tab_links`). `connect`: the page's script asks us for something.
    """
    settings = gateway_of(request).settings
    field = _FormField(request)
    text = (
        environment()
        .get_template(template)
        .render(
            {
                **context,
                "csrf_field": field,
                "static_url": static_url,
                "issuer": settings.issuer,
                "request_path": request.url.path,
            }
        )
    )
    tab = context.get(TAB)
    response = HTMLResponse(carried_on(text, tab) if isinstance(tab, str) else text, status_code=status)
    if form_targets or connect:
        response.headers["Content-Security-Policy"] = page_policy(form_targets, connect=connect)
    if field.token:
        csrf.keep_form_cookie(response, settings, field.token)
    return response


@cache
def environment() -> Environment:
    """The one environment of pages."""
    return environment_of(TEMPLATES)


class _FormField:
    """`csrf_field()` of one page: the same hidden field in each of its forms, and no cookie where there is no form."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.token: csrf.FormToken | None = None

    def __call__(self) -> Markup:
        if self.token is None:
            self.token = csrf.form_token(self._request)
        return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, self.token.token)
