"""The command line `hallpass`: gathers what `gateway.commands` registers."""

import importlib
import pkgutil

import typer

from gateway import commands


def build_cli() -> typer.Typer:
    """The application with every command; a module of `gateway.commands` takes part by having `register(app)`."""
    app = typer.Typer(
        name="hallpass",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_hallpass)
    for module in pkgutil.iter_modules(commands.__path__):
        register = getattr(importlib.import_module(f"{commands.__name__}.{module.name}"), "register", None)
        if register is not None:
            register(app)
    return app


def _hallpass() -> None:
    """Identity-and-access gateway for state assessment programs."""


def main() -> None:
    """Exit codes: 0 done, 1 refused, 2 usage."""
    build_cli()()
