"""Every verb: the one place to add it to. A verb's module is imported when the verb is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

import click

from graphpolicy import __version__
from graphpolicy.cli.examples import with_examples
from graphpolicy.cli.options import group_options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VERBS: Mapping[str, str] = {
    "demo": "Take the guided tour on a mock tenant.",
    "init": "Write the first files of a repository: policy, workflows, guide.",
    "validate": "Check policy files: syntax, schema, values, guards.",
    "login": "Sign in as a person, for this and later commands.",
    "logout": "Forget the sign-ins that are kept.",
    "plan": "Show what would change, and which people it affects.",
    "apply": "Plan, ask for approval, write, and read back every write.",
    "drift": "Show where the tenant differs from the files.",
    "pull": "Print the live policy as YAML, or update files to match it.",
    "groups": "List the groups that the files use: ids, sizes, and where.",
    "impact": "Count the people that a plan affects, and those it locks out.",
    "rollout": "Show how far the waves of rollouts are, or open the next one.",
    "announce": "Draft what to tell people and the helpdesk about a plan.",
    "explain": "Explain a method, setting, rule or key, or list the methods.",
    "help": "Show verbs, exit codes and environment, or a verb's help.",
    "docs": "Print a page of the documentation, or list the pages.",
    "rollback": "Undo a recorded run, by default the last one.",
    "history": "List what was applied and rolled back here, or one run in full.",
    "tap": "Issue, list or revoke a person's Temporary Access Pass.",
    "mfa": "List or reset the sign-in methods that people have registered.",
    "doctor": "Show who is signed in, and which permissions are missing.",
    "ci": "In a GitHub job: comment on changes, track and adopt drift.",
    "completion": "Print the script that completes commands in a shell.",
    "schema": "Print the JSON Schema of the policy language, for editors.",
    "mock": "Serve a mock Graph on this machine until Ctrl-C.",
}
"""What each verb does, as --help lists it, without importing its module. The verb `plan` is the
function `plan` in `graphpolicy.cli.plan`."""


class Verbs(click.Group):
    """The verbs of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            for name in VERBS:  # click suggests one of those that are loaded
                self.get_command(ctx, name)
        elif cmd_name not in self.commands:
            module = import_module(f"graphpolicy.cli.{cmd_name}")
            self.add_command(with_examples(cmd_name, getattr(module, cmd_name)))
        return self.commands.get(cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The verbs and the flags before them, without importing every verb."""
        from click.shell_completion import CompletionItem

        own = [
            CompletionItem(name, help=does)
            for name, does in VERBS.items()
            if name.startswith(incomplete)
        ]
        return own + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="graphpolicy %(version)s, policy language 1")
@group_options
def cli() -> None:
    """Keep a Microsoft Entra tenant's authentication methods policy in git.

    Start with `graphpolicy demo`: it shows every step on a mock tenant. `graphpolicy docs` lists
    the pages of the documentation.
    """
