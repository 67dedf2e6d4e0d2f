"""Asking before anything is written. Names in questions come from files: they are escaped."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from graphpolicy.cli.console import Console
from graphpolicy.cli.signals import STOPPING
from graphpolicy.model import Plan, Report
from graphpolicy.model.command import again
from graphpolicy.model.errors import UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.render import render
from graphpolicy.render.escape import printable
from graphpolicy.render.phrases import IRREVERSIBLE


@dataclass(frozen=True, slots=True)
class Approval:
    """Shows the plans of a run and gets a yes to each: the tenant's name where it is risky."""

    console: Console
    format: str
    auto_approve: bool
    confirm: tuple[str, ...]
    keep_going: bool

    def __call__(self, plans: Sequence[Plan]) -> list[bool]:
        """Whether each plan may be carried out; all are shown before the first question.

        A no ends the questions, unless the run keeps going.

        Raises:
            UsageError: there is nobody to ask and no flag that answers.
        """
        for plan in plans:
            self.shown(plan)
        self._check(plans)
        answers: list[bool] = []
        for plan in plans:
            answers.append(self.auto_approve or _yes(plan))
            if not answers[-1] and not self.keep_going:
                break
        return answers

    def _check(self, plans: Sequence[Plan]) -> None:
        """Ask for the flags that are missing, of all tenants at once."""
        terminal = sys.stdin.isatty()
        known = {each for plan in plans for each in (plan.tenant.name, plan.tenant.id)}
        names = [plan.tenant.name for plan in plans]
        if plans and self.confirm and not known & {*self.confirm}:
            raise UsageError(
                f"--confirm {' '.join(map(repr, self.confirm))} is not the tenant's name; "
                "nothing was written",
                f"the tenant is called {' or '.join(names)}",
            )
        if plans and not self.auto_approve and not terminal:
            raise UsageError(
                f"there is no terminal to ask about the plan for {', '.join(names)}; "
                "nothing was written",
                f"to say yes beforehand: {again(self.console.typed, '--auto-approve')}",
            )
        missing = {
            plan.tenant.name: irreversible
            for plan in plans
            for irreversible in [any(found.rule == IRREVERSIBLE for found in plan.findings)]
            if self.auto_approve
            and (irreversible or (plan.risky and terminal))
            and not {plan.tenant.name, plan.tenant.id} & {*self.confirm}
        }
        if missing:
            confirmed = [word for name in missing for word in ("--confirm", name)]
            why = "can't be undone" if any(missing.values()) else "has warnings or accepted errors"
            raise UsageError(
                f"the plan for {', '.join(missing)} {why}; nothing was written",
                f"to confirm it: {again(self.console.typed, *confirmed)}",
            )

    def shown(self, plan: Plan) -> bool:
        """Show the plan before anything is written, on stdout unless that is for machines."""
        stream = sys.stdout if self.format == "text" else sys.stderr
        stream.write(render(Report("plan", (plan,)), "text", self.console.style(stream)))
        stream.flush()
        return True


def _yes(plan: Plan) -> bool:
    """Ask the person at the terminal."""
    name = plan.tenant.name
    wanted = name if plan.risky else "yes"
    question = f"Type {printable(wanted)} to apply this to {printable(name)}"
    with STOPPING.asking():
        answer = click.prompt(question, default="", show_default=False, err=True)
    return bool(answer.strip() == wanted)
