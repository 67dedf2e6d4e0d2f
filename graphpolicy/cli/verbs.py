"""Every verb and where it lives: the one place to add it to. A module is loaded when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from graphpolicy import __version__
from graphpolicy.cli.options import group_options

VERBS: Mapping[str, str] = {
    "demo": "Take the guided tour on a mock tenant; about ten seconds.",
    "init": "Write a new repository: policy, workflows, and how to set it up.",
    "validate": "Check files without a tenant: language, schema, values, guards.",
    "plan": "Show what would change in the tenant, and for whom.",
    "apply": "Plan, ask, write, and read every write back.",
    "drift": "Find what differs from the files.",
    "pull": "Print the live policy as YAML, or bring files in line with it.",
    "announce": "Draft what to tell people and the helpdesk about a plan.",
    "explain": "Say what a method, setting or rule is; bare, list the methods.",
    "rollback": "Undo a recorded run, by default the last one.",
    "history": "List what was applied and rolled back here, or one run in full.",
    "tap": "Temporary Access Pass for a person: issue, list, revoke.",
    "mfa": "What people have registered to sign in with: list, reset.",
    "doctor": "Say who is signed in, what this policy needs, and what is missing.",
    "ci": "In a job: comment on pull requests, track drift, adopt it.",
    "schema": "Print the JSON Schema of the policy language, for editors.",
    "mock": "Serve a mock Graph on loopback, until Ctrl-C.",
}
"""What each verb does, as --help lists it; a verb is the function of its name in the module here of
its name. --help loads none of these modules."""


class Verbs(click.Group):
    """The verbs of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            for name in VERBS:  # from these click guesses what was meant
                self.get_command(ctx, name)
        elif cmd_name not in self.commands:
            module = import_module(f"graphpolicy.cli.{cmd_name}")
            self.add_command(getattr(module, cmd_name))
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="graphpolicy %(version)s, policy language 1")
@group_options
def cli() -> None:
    """Keep a Microsoft Entra tenant's authentication methods policy in git.

    Begin with `graphpolicy demo`: it shows everything on a mock tenant.
    """
