"""Every verb and where it lives: the one place to add it to. A module is loaded when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from graphpolicy import __version__
from graphpolicy.cli.options import group_options

VERBS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "Take the guided tour on a mock tenant; about ten seconds."),
    "init": (
        "init",
        "Write a new repository: policy, workflows, and how to set it up.",
    ),
    "validate": ("validate", "Check files without a tenant: language, schema, values, guards."),
    "plan": ("plan", "Show what would change in the tenant, and for whom."),
    "apply": ("apply", "Plan, ask, write, and read every write back."),
    "drift": ("drift", "Find what differs from the files."),
    "pull": (
        "pull",
        "Print the live policy as YAML, or bring files in line with it.",
    ),
    "announce": ("announce", "Draft what to tell people and the helpdesk about a plan."),
    "explain": (
        "explain",
        "Say what a method, setting or rule is; bare, list the methods.",
    ),
    "rollback": ("rollback", "Undo a recorded run, by default the last one."),
    "history": ("history", "List what was applied and rolled back here, or one run in full."),
    "tap": ("tap", "Temporary Access Pass for a person: issue, list, revoke."),
    "mfa": ("mfa", "What people have registered to sign in with: list, reset."),
    "doctor": ("doctor", "Say who is signed in, what this policy needs, and what is missing."),
    "ci": ("ci", "In a job: comment on pull requests, track drift, adopt it."),
    "schema": ("schema", "Print the JSON Schema of the policy language, for editors."),
    "mock": ("mock", "Serve a mock Graph on loopback, until Ctrl-C."),
}
"""The module here in which a verb is the function of its name, and what it does: the first sentence
of its docstring, so that --help, which lists them in this order, loads none of the modules."""


class Verbs(click.Group):
    """The verbs of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            for name in VERBS:  # from these click guesses what was meant
                self.get_command(ctx, name)
        elif cmd_name not in self.commands:
            module = import_module(f"graphpolicy.cli.{VERBS[cmd_name][0]}")
            self.add_command(getattr(module, cmd_name))
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="graphpolicy %(version)s, policy language 1")
@group_options
def cli() -> None:
    """Keep a Microsoft Entra tenant's authentication methods policy in git.

    Begin with `graphpolicy demo`: it shows everything on a mock tenant.
    """
