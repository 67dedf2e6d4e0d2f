"""Every verb and where it lives: the one place to add it to. A module is loaded when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from graphpolicy import __version__
from graphpolicy.cli.options import group_options

VERBS: Mapping[str, str] = {
    "demo": "playground",
    "validate": "files",
    "plan": "tenant",
    "apply": "writing",
    "drift": "tenant",
    "pull": "tenant",
    "explain": "explain",
    "rollback": "writing",
    "history": "history",
    "doctor": "tenant",
    "schema": "files",
    "mock": "playground",
}
"""In which module here a verb is the function of its name; in the order of --help."""


class Verbs(click.Group):
    """The verbs of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            for name in VERBS:  # from these click guesses what was meant
                self.get_command(ctx, name)
        elif cmd_name not in self.commands:
            module = import_module(f"graphpolicy.cli.{VERBS[cmd_name]}")
            self.add_command(getattr(module, cmd_name))
        return self.commands.get(cmd_name)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="graphpolicy %(version)s, policy language 1")
@group_options
def cli() -> None:
    """Keep a Microsoft Entra tenant's authentication methods policy in git.

    Begin with `graphpolicy demo`: it shows everything on a mock tenant.
    """
