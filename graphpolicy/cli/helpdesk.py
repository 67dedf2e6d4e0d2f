"""Shared by `tap` and `mfa`: the tenant with its house rules, the prompts, the file for a pass."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO, TypeVar

import click

from graphpolicy.cli.options import Context
from graphpolicy.cli.signals import STOPPING
from graphpolicy.model.command import joined
from graphpolicy.model.errors import GraphPolicyError
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.cli.progress import Progress
    from graphpolicy.commands.helpdesk_session import Actor, HelpdeskSession
    from graphpolicy.disk.opening import NewFile
    from graphpolicy.graph.session import Session
    from graphpolicy.helpdesk.access_pass import Pass, Terms
    from graphpolicy.helpdesk.outcomes import Issuance
    from graphpolicy.helpdesk.person import Person
    from graphpolicy.helpdesk.reset import PlannedReset
    from graphpolicy.journal.ledger import Ledger
    from graphpolicy.model import Desired, Finding, Tenant
    from graphpolicy.render import Style

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HelpdeskContext:
    """Context of a helpdesk command: the tenant, its policy with house rules, and the reason."""

    context: Context
    action: str
    reason: str
    tenant: Tenant
    policy: Desired | None
    verify_timeout: float = 30.0
    without: bool = False
    """Whether to continue if no policy file has the tenant's house rules."""

    @classmethod
    def of(
        cls,
        context: Context,
        action: str,
        reason: str = "",
        verify_timeout: float = 30.0,
        *,
        without: bool = False,
    ) -> Self:
        """The context of an action."""
        from graphpolicy.commands.tenants import own_policy

        tenant, policy = own_policy(context.tenant, context.environment)
        return cls(context, action, reason, tenant, policy, verify_timeout, without)

    @property
    def flags(self) -> list[str]:
        """Flags that a follow-up command needs, too."""
        from graphpolicy.helpdesk.house_rules import WITHOUT

        return [WITHOUT] if self.policy is None and self.without else []

    def run(
        self,
        act: Callable[[HelpdeskSession], Coroutine[Any, Any, T]],
        asking: TerminalPrompter | None = None,
    ) -> T:
        """Run `act` in the tenant, with one connection; `asking` pauses the progress to ask."""
        from graphpolicy.cli.connect import connected
        from graphpolicy.commands.helpdesk_session import HelpdeskSession, settle
        from graphpolicy.graph.protocols import WritePace
        from graphpolicy.helpdesk.house_rules import WITHOUT, HouseRules

        if self.policy is not None and self.without:
            text = f"{self.policy.file} is for this tenant: its house rules apply despite {WITHOUT}"
            self.context.console.say(text)

        async def run(session: Session, say: Progress) -> T:
            if asking is not None:
                asking.progress = say
            # The wait is limited per request: one of a thousand people must not use it up for all.
            graph = session.tenant(self.tenant, total=False)
            house = HouseRules.of(self.policy, without=self.without)
            pace = WritePace(self.verify_timeout)
            kept = self.context.state_dir
            desk = HelpdeskSession(
                graph, house, self.reason, self.ledger, say, say.count, pace, kept
            )
            await settle(desk)
            return await act(desk)

        return connected(self.context, run, (self.policy,) if self.policy else ())

    def command(self, *words: str, acting: bool = True, flags: Sequence[str] = ()) -> str:
        """A follow-up command for the same tenant; one that is `acting` repeats the reason."""
        more = ["--reason", self.reason] if acting and self.reason else []
        more += self.flags if acting else []
        more += ["--tenant", self.context.tenant] if self.context.tenant else []
        return joined(["graphpolicy", *words, *more, *flags, *self.context.console.common])

    def ledger(self, actor: Actor) -> Ledger:
        """The ledger of what the actor does in the tenant."""
        from graphpolicy.journal.folder import check_records
        from graphpolicy.journal.ledger import Ledger

        check_records(self.context.state_dir)
        common = {
            "action": self.action,
            "tenant": self.tenant.id,
            "actor": {"name": actor.name, "id": actor.id or None},
            "reason": self.reason,
            **({"without_house_rules": True} if self.flags else {}),
        }
        return Ledger(self.context.state_dir, self.context.now, common)


class TerminalPrompter:
    """Asks at the terminal. `auto_approve` answers all questions except that about a lost pass."""

    def __init__(
        self,
        place: HelpdeskContext,
        *,
        auto_approve: bool,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """`ready` raises if a new pass could not be shown."""
        self.console = place.context.console
        self.tenant = place.tenant
        self.stream = sys.stdout if self.console.format == "text" else sys.stderr
        self.auto_approve = auto_approve
        self.ready = ready
        self.progress: Progress | None = None

    def issue(
        self, person: Person, asked: Terms, before: Sequence[Pass], notes: Sequence[Finding]
    ) -> bool:
        from graphpolicy.render.tap import question

        self.ready()
        self._show(question(self.tenant, person, asked, before, style=self.style, notes=notes))
        return self._yes("yes", "issue this pass") and self._still_ready()

    def replace(self, lost: Issuance) -> bool:
        from graphpolicy.render.tap import lost_words

        if not sys.stdin.isatty():
            return False
        self._show(lost_words(lost))
        return self._answer("replace", "issue another in its place") and self._still_ready()

    def _still_ready(self) -> bool:
        self.ready()
        return True

    def revoke(self, person: Person, passes: Sequence[Pass]) -> bool:
        from graphpolicy.render.tap import revoke_question

        self._show(revoke_question(person, passes, self.style))
        return self._yes("yes", "revoke it")

    def reset(self, planned: PlannedReset) -> bool:
        from graphpolicy.render.mfa_reset import question

        self._show(question(self.tenant, planned, self.style))
        return not planned.wish.dry_run and self._yes("yes", "delete all of this")

    def reset_many(self, planned: Sequence[PlannedReset], done: int, since: str) -> bool:
        from graphpolicy.render.mfa_reset import question_many

        self._show(question_many(self.tenant, planned, done, since, self.style))
        if not planned or planned[0].wish.dry_run:
            return not planned
        return self._yes(str(len(planned)), f"reset {len(planned):,} people")

    @property
    def style(self) -> Style:
        return self.console.style(self.stream)

    def _yes(self, word: str, does: str) -> bool:
        from graphpolicy.model.errors import UsageError

        if self.auto_approve:
            return True
        if not sys.stdin.isatty():
            raise UsageError(
                "there is no terminal to ask at; nothing was done", "add --auto-approve"
            )
        return self._answer(word, does)

    def _answer(self, word: str, does: str) -> bool:
        with STOPPING.asking():
            answer = click.prompt(
                f"Type {word} to {does}", default="", show_default=False, err=True
            )
        return bool(answer.strip() == word)

    def _show(self, text: str) -> None:
        if self.progress is not None:
            self.progress.pause()
        self.stream.write(text)
        self.stream.flush()


def check_shown(stream: TextIO, fix: str) -> None:
    """Check that somebody can read what is written to `stream`: stdout or stderr."""
    name = "stdout" if stream is sys.stdout else "stderr"
    problem = _unseen(stream.fileno())
    if problem:
        text = f"the pass would be shown on {name}, which {problem}; no pass was made"
        raise GraphPolicyError(text, fix)


def _unseen(descriptor: int) -> str:
    """Why nobody can read what is written there; '' if somebody may."""
    import select
    import stat

    try:
        about, nowhere = os.fstat(descriptor), os.stat(os.devnull)  # noqa: PTH116 - beside fstat
        if stat.S_ISCHR(about.st_mode) and about.st_rdev == nowhere.st_rdev:
            return "is closed or discarded"
        os.write(descriptor, b"")
    except OSError as error:
        return f"can't be written: {error.strerror}"
    if hasattr(select, "poll"):  # Windows has none
        asked = select.poll()
        asked.register(descriptor, select.POLLOUT)
        gone = select.POLLERR | select.POLLNVAL
        if any(event & gone for _, event in asked.poll(0)):
            return "has no reader"
    return ""


class SecretFile:
    """A new file for a pass that only its owner can read. It is opened before the question.

    It is not opened again, so a file that replaces it meanwhile never receives the pass.
    """

    def __init__(self, file: str | None) -> None:
        self.file = file
        self._new: NewFile | None = None

    def __enter__(self) -> Self:
        from graphpolicy.disk.folders import refuse_left, refuse_tracked
        from graphpolicy.disk.opening import NewFile, way_out

        if self.file is not None:
            try:
                refuse_left(self.file)
                refuse_tracked(Path(self.file))
                self._new = NewFile(self.file)
            except FileExistsError as error:
                raise GraphPolicyError(f"{self.file} already exists", "name a new file") from error
            except OSError as error:
                text = f"{self.file}: {error.strerror}"
                raise GraphPolicyError(text, way_out(error)) from error
        return self

    def check(self) -> None:
        """Raise `GraphPolicyError` if the file is no longer at its path."""
        if self._new and not self._new.in_place():
            text = f"{self.file} was removed or replaced meanwhile; no pass was made"
            raise GraphPolicyError(text, "run it again with a new file")

    def write(self, text: str) -> None:
        if self._new is None:
            return
        try:
            self._new.write(text)
        except OSError as error:
            text = f"{self.file}: {error.strerror}; the pass was made but can't be shown"
            raise GraphPolicyError(text, "issue another in its place") from error

    def __exit__(self, *ending: object) -> None:
        if self._new:
            self._new.__exit__(*ending)
