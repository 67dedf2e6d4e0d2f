"""The pull request that opens the next wave of a rollout: it changes `open` in a tenant's file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import field

from graphpolicy.github.file_change import FileChange
from graphpolicy.model import Tenant
from graphpolicy.model.records import dataclass
from graphpolicy.render.as_markdown import code
from graphpolicy.render.escape import short

MOST = 60_000
"""Characters of the text at most; GitHub takes 65,536."""
MARK = re.compile(r"<!-- graphpolicy:open-wave [0-9a-f]+ -->\r?\n")
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
MOST_IN_BRANCH = 60
"""Characters of a rollout's name in its branch."""


@dataclass(frozen=True, slots=True)
class WaveChange(FileChange):
    """The change that opens a wave, if it is due; else `why` says what it waits for.

    `closes` is whether that is known, so that an open pull request is closed. `declared` is the
    wave as the files have it: a person who declines it declines that. `plan` is the plan of the
    changed file, and `letter` what to tell its people, in Markdown.
    """

    rollout: str
    wave: str
    why: tuple[str, ...] = ()
    closes: bool = True
    declared: str = ""
    plan: str = field(default="", compare=False)
    letter: str = field(default="", compare=False)

    @property
    def branch(self) -> str:
        return branch_of(self.tenant, self.rollout)

    @property
    def mark(self) -> str:
        digest = hashlib.sha256(self.declared.encode()).hexdigest()[:16]
        return f"<!-- graphpolicy:open-wave {digest} -->\n" if self.declared else ""

    def unmarked(self, body: str) -> str:
        return MARK.sub("", body)

    @property
    def title(self) -> str:
        tenant, wave = short(self.tenant.name, 40), short(self.wave, 40)
        return f"Open the wave {wave} of {short(self.rollout, 40)} in {tenant}"

    @property
    def nothing(self) -> str:
        if not self.wave:
            return f"all waves of {self.rollout} are open"
        return f"the wave {self.wave} of {self.rollout} waits: {'; '.join(self.why)}"

    @property
    def gone(self) -> str:
        return self.nothing if self.closes else ""

    @property
    def refused(self) -> str:
        return (
            "open the wave by hand, or reopen that one; another is opened when the wave has other "
            "people, another first day or other needs"
        )

    def body(self, run: str) -> str:
        lead = (
            f"The wave {code(short(self.wave, 200))} of the rollout "
            f"{code(short(self.rollout, 200))} is due and ready in the tenant "
            f"{code(self.tenant.name)} ({code(self.tenant.id)}). To open the wave, merge this "
            "pull request: `apply` judges the wave again. To wait, leave the pull request open "
            "or close it.\n"
        )
        told = f"\n## What to tell people\n\n{self.letter}" if self.letter else ""
        foot = (
            "\ngraphpolicy updates this branch until somebody else pushes to it, and closes the "
            "pull request when the wave is no longer ready. GitHub starts no checks on a pull "
            f"request from a job: to start them, close and reopen it. [run]({run})\n"
        )
        room = MOST - len(lead) - len(foot) - len(self.plan)
        if len(told) > room:
            told = "\nThe message to people is too long to show here: run `graphpolicy announce`.\n"
        return f"{self.mark}{lead}\n{self.plan}{told}{foot}"


@dataclass(frozen=True, slots=True)
class RemovedRollout(FileChange):
    """A branch by graphpolicy for a rollout that is no longer in the files.

    Its pull request is closed.
    """

    ref: str

    @property
    def branch(self) -> str:
        return self.ref

    @property
    def title(self) -> str:
        return ""

    @property
    def nothing(self) -> str:
        return f"the rollout of {self.ref} is no longer in the files"

    @property
    def gone(self) -> str:
        return self.nothing

    @property
    def refused(self) -> str:
        return ""

    def unmarked(self, body: str) -> str:
        return MARK.sub("", body)

    def body(self, run: str) -> str:
        return run


def branches_of(tenant: Tenant) -> str:
    """How the branches of a tenant's rollouts begin."""
    return f"graphpolicy/open-wave/{tenant.id}/"


def branch_of(tenant: Tenant, rollout: str) -> str:
    """The branch of a rollout.

    If its name can't be a branch's, a digest keeps it apart from others that look alike.
    """
    name = UNSAFE.sub("-", rollout)[:MOST_IN_BRANCH].strip("-")
    if name != rollout:
        digest = hashlib.sha256(rollout.encode()).hexdigest()[:8]
        name = f"{name}-{digest}" if name else digest
    return f"{branches_of(tenant)}{name}"
