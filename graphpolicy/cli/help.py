"""help: the verbs, the exit codes and the environment; or the --help of a verb."""

from __future__ import annotations

from collections.abc import Mapping

import click
from click.shell_completion import CompletionItem

from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit

EXITS: Mapping[Exit, str] = {
    Exit.DONE: "done, or nothing to do",
    Exit.FAILED: "an error",
    Exit.DIFFERENT: "differences: drift, and plan --detailed-exitcode",
    Exit.STALE: "something changed in between: the plan is stale",
    Exit.SIGN_IN: "sign-in or permission",
    Exit.PARTLY: "partly applied",
    Exit.REFUSED: "refused by a guard, a state or a freeze",
    Exit.USAGE: "usage",
    Exit.INTERRUPTED: "interrupted",
    Exit.TERMINATED: "terminated",
}
"""What each exit code means."""

ENVIRONMENT: Mapping[str, str] = {
    "GRAPHPOLICY_ACCESS_TOKEN": "a ready token, in place of a sign-in",
    "GRAPHPOLICY_GRAPH_URL": "another Graph, such as the mock",
    "GRAPHPOLICY_NOTIFY_URL": "the webhook of ci notify",
    "GRAPHPOLICY_NOTIFY_TO": "the kind of that webhook: teams, slack or webhook",
    "GRAPHPOLICY_GITHUB_PAUSE": "seconds between two writes to GitHub",
    "AZURE_*, ARM_*": "how to sign in: see graphpolicy docs sign-in",
    "CI and the like": "a job: nobody is asked, no sign-in is kept",
    "HTTPS_PROXY, SSL_CERT_FILE": "the proxy, and authorities to trust",
    "NO_COLOR, FORCE_COLOR": "never or always use colour",
    "XDG_STATE_HOME": "where sign-ins and locks are kept on Linux",
}
"""The variables beside those that give flags their defaults."""


def _verbs(context: click.Context, _argument: click.Parameter, begun: str) -> list[CompletionItem]:
    """What the Tab key proposes."""
    root = context.find_root().command
    return root.shell_complete(context.find_root(), begun)


@click.command()
@click.argument("verb", nargs=-1, shell_complete=_verbs)
@verb_options
def help(context: Context, verb: tuple[str, ...]) -> int:  # noqa: A001 - the verb's name
    """Show verbs, exit codes and environment, or a verb's help."""
    current = click.get_current_context()
    above = current.find_root()
    command: click.Command = above.command
    for word in verb:
        found = command.get_command(above, word) if isinstance(command, click.Group) else None
        if found is None:
            from graphpolicy.model.did_you_mean import closest

            known = command.list_commands(above) if isinstance(command, click.Group) else ()
            near = closest(word, known)
            fix = f"Did you mean {near!r}?" if near else "`graphpolicy help` lists the verbs."
            raise click.UsageError(f"There is no verb {' '.join(verb)!r}. {fix}")
        command, above = found, click.Context(found, info_name=word, parent=above)
    text = command.get_help(above)
    context.console.result(f"{text}\n" if verb else f"{text}\n{_rest()}")
    return Exit.DONE


def _rest() -> str:
    """The exit codes and the environment, as --help shows a list."""
    from graphpolicy.commands.defaults import KEYS, variable

    flags = {variable(name): f"default of --{name}" for name in KEYS if name != "paths"}
    formatter = click.HelpFormatter()
    sections = (
        ("Exit codes", {str(int(code)): words for code, words in EXITS.items()}),
        (
            "Environment",
            {variable("paths"): "the policies, if no PATH is given", **flags, **ENVIRONMENT},
        ),
    )
    for title, rows in sections:
        with formatter.section(title):
            formatter.write_dl(list(rows.items()))
    return f"\n{formatter.getvalue().strip()}\n"
