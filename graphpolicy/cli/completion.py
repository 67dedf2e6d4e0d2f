"""completion: what the Tab key proposes in bash, zsh, fish and PowerShell."""

from __future__ import annotations

import os

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
)

from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit

SHELLS = ("bash", "zsh", "fish", "powershell")
PROGRAM, VARIABLE = "graphpolicy", "_GRAPHPOLICY_COMPLETE"

POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                $_.Value
            } else {
                $_.Extent.Text
            }
        })
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = $words -join "`n"
    $env:COMP_CWORD = $wordToComplete.Trim("'", '"')
    try {
        & $words[0] | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            $text = if ($value -match '^[\\w.@:/+=-]+$') {
                $value
            } else {
                "'" + $value.Replace("'", "''") + "'"
            }
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new(
                $text, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD -ErrorAction Ignore
    }
}
"""
"""PowerShell completes files by itself where this proposes nothing."""


@add_completion_class
class PowerShell(ShellComplete):
    """The program's part: a line for each proposal, with its value and what it is."""

    name = "powershell"
    source_template = POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is typed, without the program; and the typed word."""
        return os.environ.get("COMP_WORDS", "").split("\n")[1:], os.environ.get("COMP_CWORD", "")

    def format_completion(self, item: CompletionItem) -> str:
        """One line; none for a file, which PowerShell completes itself."""
        if item.type != "plain":
            return ""
        return f"{item.value}\t{' '.join((item.help or '').split())}"

    def complete(self) -> str:
        """The lines that are not empty."""
        return "\n".join(filter(None, super().complete().split("\n")))


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@verb_options
def completion(context: Context, shell: str) -> int:
    """Print the script that completes commands in a shell.

    It proposes verbs, flags and their values, tenants, rules, methods and settings.
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has three of them, and one is above
    from graphpolicy.cli.verbs import cli

    made = found(cli, {}, PROGRAM, VARIABLE)
    # Not `source`, which starts bash to learn its version: the script may be for another machine.
    context.console.result(made.source_template % made.source_vars())
    return Exit.DONE
