"""Asking before anything is written. Names in questions come from files: they are escaped."""

from __future__ import annotations

import sys

import click

from graphpolicy.cli.console import Console
from graphpolicy.cli.stopping import STOPPING
from graphpolicy.graph.errors import UsageFailure
from graphpolicy.model import Plan, Report
from graphpolicy.records import dataclass
from graphpolicy.render import render
from graphpolicy.render.escape import printable

IRREVERSIBLE = "irreversible-change"


@dataclass(frozen=True, slots=True)
class Approval:
    """Shows a plan and gets a yes to it: the tenant's name where the plan is risky."""

    console: Console
    format: str
    auto_approve: bool
    confirm: str | None

    def __call__(self, plan: Plan) -> bool:
        """Whether the plan may be carried out.

        Raises:
            UsageFailure: there is nobody to ask and no flag that answers.
        """
        self.shown(plan)
        name = plan.tenant.name
        irreversible = any(finding.rule == IRREVERSIBLE for finding in plan.findings)
        terminal = sys.stdin.isatty()
        if self.confirm is not None and self.confirm not in (name, plan.tenant.id):
            raise UsageFailure(
                f"--confirm {self.confirm!r} is not the tenant's name; nothing was written",
                f"the tenant is called {name}",
            )
        confirmed = self.confirm is not None
        if self.auto_approve:
            if (irreversible or (plan.risky and terminal)) and not confirmed:
                why = "can't be undone" if irreversible else "has warnings or accepted errors"
                raise UsageFailure(
                    f"the plan for {name} {why}; nothing was written", f"add --confirm {name}"
                )
            return True
        if not terminal:
            raise UsageFailure(
                f"there is no terminal to ask about the plan for {name}; nothing was written",
                "add --auto-approve",
            )
        wanted = name if plan.risky else "yes"
        question = f"Type {printable(wanted)} to apply this to {printable(name)}"
        with STOPPING.asking():
            answer = click.prompt(question, default="", show_default=False, err=True)
        if answer.strip() != wanted:
            self.console.say("declined; nothing was written")
            return False
        return True

    def shown(self, plan: Plan) -> bool:
        """Show the plan before anything is written, on stdout unless that is for machines."""
        stream = sys.stdout if self.format == "text" else sys.stderr
        stream.write(render(Report("plan", (plan,)), "text", self.console.style(stream)))
        stream.flush()
        return True
