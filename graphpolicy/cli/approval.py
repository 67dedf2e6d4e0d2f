"""The question before anything is written. Names in it come from files, so they are escaped."""

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
    """Shows the plans of a run and asks for approval of each.

    The answer is `yes`, or the tenant's name if the plan is risky.
    """

    console: Console
    format: str
    auto_approve: bool
    confirm: tuple[str, ...]
    keep_going: bool

    def __call__(self, plans: Sequence[Plan]) -> list[bool]:
        """Whether each plan is approved; all are shown before the first question.

        A no ends the questions unless `keep_going`: the list is shorter then.

        Raises:
            UsageError: there is no terminal, and no flag that approves.
        """
        self.shown(*plans)
        self._check(plans)
        answers: list[bool] = []
        for plan in plans:
            answers.append(self.auto_approve or _yes(plan))
            if not answers[-1] and not self.keep_going:
                break
        return answers

    def _check(self, plans: Sequence[Plan]) -> None:
        """Refuse to go on if flags are missing; one message names those of all tenants."""
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
                f"the plan for {', '.join(names)} needs approval, and there is no terminal to "
                "ask at; nothing was written",
                f"to approve it in advance: {again(self.console.typed, '--auto-approve')}",
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

    def shown(self, *plans: Plan) -> bool:
        """Show the plans before anything is written: on stderr if stdout is for a machine."""
        stream = sys.stdout if self.format == "text" else sys.stderr
        stream.write(render(Report("plan", plans), "text", self.console.style(stream)))
        stream.flush()
        return True


def _yes(plan: Plan) -> bool:
    name = plan.tenant.name
    wanted = name if plan.risky else "yes"
    question = f"Type {printable(wanted)} to apply this to {printable(name)}"
    with STOPPING.asking():
        answer = click.prompt(question, default="", show_default=False, err=True)
    return bool(answer.strip() == wanted)
