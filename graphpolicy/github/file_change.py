"""A pull request that changes one file of a tenant, kept up to date by later runs.

It has a branch of its own. The last line of each commit records the file before and after it, so
that a later run can tell its own commits from pushed ones, whatever author GitHub shows.
"""

from __future__ import annotations

import hashlib
import json
import re
from abc import abstractmethod
from dataclasses import asdict

from graphpolicy.model import Tenant
from graphpolicy.model.records import dataclass

TRAILER = re.compile(r"\ngraphpolicy-adopts: (\{[^\n]*\})\s*\Z")


@dataclass(frozen=True, slots=True)
class FileChange:
    """The change of a tenant's file; `path` is in the repository."""

    tenant: Tenant
    path: str
    old: bytes
    new: bytes

    @property
    def changes(self) -> bool:
        """Whether there is anything to commit."""
        return self.new != self.old

    @property
    def files(self) -> dict[str, tuple[bytes, bytes]]:
        """The files of the commit: each with its bytes before and after."""
        return {self.path: (self.old, self.new)}

    @property
    def kept(self) -> str:
        """What else is in the commit, as a text that is equal for the same change."""
        return ""

    @property
    @abstractmethod
    def branch(self) -> str:
        """The branch of the pull request."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Its title, and the first line of its commits."""

    @property
    @abstractmethod
    def nothing(self) -> str:
        """A sentence: there is nothing to propose, and nothing was proposed before."""

    @property
    @abstractmethod
    def gone(self) -> str:
        """Why there is no longer anything to propose; '' leaves an open pull request alone."""

    @property
    @abstractmethod
    def refused(self) -> str:
        """What to do instead, after somebody closed the pull request."""

    @property
    def mark(self) -> str:
        """A hidden line of its text. After a person closes a pull request with it, no other one
        with it is opened. Without a mark a closed pull request counts as long as its branch
        exists."""
        return ""

    def unmarked(self, body: str) -> str:
        """A text without the mark, for a pull request that we close ourselves."""
        return body

    @abstractmethod
    def body(self, run: str) -> str:
        """Its text, below GitHub's limit, with all names escaped; `run` is the job's URL."""

    def message(self, tree: str, base: str) -> str:
        """The commit message of a tree on a base commit.

        No values or groups are in it: GitHub would obey `closes #1` in one.
        """
        blobs = (blob(self.old), blob(self.new), self.kept)
        commit = CommitTrailer(self.tenant.id, tree, base, *blobs)
        return f"{self.title}\n\ngraphpolicy-adopts: {json.dumps(asdict(commit))}\n"

    def by_us(self, tip: BranchTip) -> CommitTrailer | None:
        """The trailer of a commit, if we made it for this tenant and nobody changed its tree."""
        found = TRAILER.search(tip.message)
        try:
            said = CommitTrailer(**json.loads(found[1])) if found else None
        except (ValueError, TypeError, RecursionError):
            return None
        return said if said and (said.tenant, said.tree) == (self.tenant.id, tip.tree) else None

    def is_in(self, said: CommitTrailer) -> bool:
        """Whether a commit by graphpolicy already makes the same change to the same files."""
        now = (blob(self.old), blob(self.new), self.kept)
        return (said.was, said.now, said.kept) == now


@dataclass(frozen=True, slots=True)
class CommitTrailer:
    """The trailer of our commits: tenant id, tree, base commit, and git blobs before and after.

    `kept` are those of the snapshot, '' if the commit has none.
    """

    tenant: str
    tree: str
    base: str
    was: str
    now: str
    kept: str = ""


@dataclass(frozen=True, slots=True)
class BranchTip:
    """The newest commit of a branch."""

    sha: str
    tree: str
    message: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it stands on GitHub; `head` is the commit that it ends at."""

    number: int
    open: bool
    merged: bool
    author: str
    head: str
    title: str
    body: str


def blob(data: bytes) -> str:
    """The git blob id of these bytes."""
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()
