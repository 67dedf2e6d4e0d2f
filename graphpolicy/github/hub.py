"""GitHub's REST API for comments, issues, branches and pull requests, through PyGithub.

PyGithub waits for rate limits and retries after errors of GitHub. If a lost answer makes it create
something twice, the next run finds both and cleans up.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from graphpolicy.github.file_change import BranchTip, PullRequest
from graphpolicy.github.refusals import TRIES, GitHubError, told
from graphpolicy.github.sticky import Comment
from graphpolicy.github.tenant_issue import Issue
from graphpolicy.model import Json

if TYPE_CHECKING:
    from github.Repository import Repository

LONGEST_WAIT = 600.0
"""Seconds that a rate limit may ask to wait."""

REFUSED: Json = object()
"""The default of `missing`: a 404 is an error."""
MAY_OPEN = (
    "the job needs `permissions: pull-requests: write`, and the repository must allow it: turn on "
    "Settings, Actions, General, `Allow GitHub Actions to create and approve pull requests`"
)


class Hub:
    """One repository. Every method raises `GitHubError` if GitHub refuses or can't be reached."""

    def __init__(self, token: str, repository: str, root: str, pause: float) -> None:
        """`root` is the API's URL; `pause` the seconds between two writes."""
        from github import Auth, Github
        from github.GithubRetry import GithubRetry

        self._github = Github(
            auth=Auth.Token(token),
            base_url=root,
            per_page=100,
            retry=GithubRetry(
                total=TRIES,
                max_rate_limit_wait=LONGEST_WAIT,
                backoff_factor=pause,
                allowed_methods=None,  # also PATCH, which PyGithub does not retry by default
                status_forcelist=[429, *range(500, 600)],
            ),
            seconds_between_requests=pause / 4,
            seconds_between_writes=pause,
        )
        self._name = repository

    def close(self) -> None:
        self._github.close()

    def comments(self, number: int) -> list[Comment]:
        """Every comment of a pull request or an issue."""
        with told(f"reading the comments of #{number}"):
            found = self._repository.get_issue(number).get_comments()
            return [
                Comment(each.id, each.user.login if each.user else "", each.body or "")
                for each in found
            ]

    def comment(self, number: int, body: str) -> None:
        with told(f"commenting on #{number}"):
            self._repository.get_issue(number).create_comment(body)

    def edit_comment(self, number: int, id_: int, body: str) -> None:
        with told(f"changing a comment on #{number}"):
            self._repository.get_issue(number).get_comment(id_).edit(body)

    def delete_comment(self, number: int, id_: int) -> None:
        """Delete a comment; fine if another run has already deleted it."""
        with told(f"deleting a comment on #{number}"):
            self._asked("DELETE", f"issues/comments/{id_}", missing=None)

    def pull_requests_of(self, commit: str) -> list[int]:
        """The pull requests that contain a commit, merged ones first."""
        with told(f"looking up the pull request of {commit[:12]}"):
            pulls = list(self._repository.get_commit(commit).get_pulls())
        return [each.number for each in sorted(pulls, key=lambda each: each.merged_at is None)]

    def issues(self, label: str, author: str) -> list[Issue]:
        """The issues that an author opened with a label, open and closed, oldest first.

        If there are none, all issues of the author: somebody may have deleted the label.
        """
        with told(f"reading the issues labelled {label}"):
            found = self._issues_of(author, labels=[label])
        if found:
            return found
        with told(f"reading the issues of {author}"):
            return self._issues_of(author, creator=author)

    def _issues_of(self, author: str, **narrowed: Any) -> list[Issue]:
        """The author's issues without pull requests, which GitHub lists as issues too.

        They are recognised by the URL: PyGithub would send a request for each issue to read
        `pull_request`.
        """
        found = self._repository.get_issues(state="all", direction="asc", **narrowed)
        return [
            Issue(each.number, each.state == "open", each.body or "", each.title)
            for each in found
            if "/pull/" not in each.html_url and each.user and each.user.login == author
        ]

    def open_issue(self, title: str, body: str, label: str) -> int:
        with told("opening an issue"):
            return self._repository.create_issue(title, body=body, labels=[label]).number

    def edit_issue(self, number: int, title: str, body: str, *, open_: bool) -> None:
        with told(f"changing #{number}"):
            state = "open" if open_ else "closed"
            self._repository.get_issue(number).edit(title=title, body=body, state=state)

    @property
    def _repository(self) -> Repository:
        return self._github.get_repo(self._name, lazy=True)

    def blob_at(self, path: str, commit: str) -> str | None:
        """The blob id of a file in a commit; None if there is no such file."""
        with told(f"looking up {path}"):
            found = self._asked("GET", f"contents/{quote(path)}", missing={}, ref=commit)
        return found.get("sha") if isinstance(found, dict) else None

    def tip(self, branch: str) -> BranchTip | None:
        """The newest commit of a branch; None if there is no such branch."""
        with told(f"looking up the branch {branch}"):
            found = self._asked("GET", f"git/ref/heads/{branch}", missing=None)
            if not isinstance(found, dict):  # a list: other branches that begin with this name
                return None
            commit = self._asked("GET", f"git/commits/{found['object']['sha']}")
        return BranchTip(commit["sha"], commit["tree"]["sha"], commit["message"])

    def tree(self, base: str, files: Mapping[str, bytes]) -> str:
        """Create a tree from that of a commit with files replaced; returns its id."""
        with told(f"writing {' and '.join(files)}"):
            entries = []
            for path, data in files.items():
                text = {"content": b64encode(data).decode(), "encoding": "base64"}
                blob = self._asked("POST", "git/blobs", **text)
                entries.append({"path": path, "mode": "100644", "type": "blob", "sha": blob["sha"]})
            under = self._asked("GET", f"git/commits/{base}")["tree"]["sha"]
            return str(self._asked("POST", "git/trees", base_tree=under, tree=entries)["sha"])

    def commit(self, message: str, tree: str, parents: Sequence[str]) -> str:
        with told("writing a commit"):
            given = {"message": message, "tree": tree, "parents": list(parents)}
            return str(self._asked("POST", "git/commits", **given)["sha"])

    def start_branch(self, branch: str, commit: str) -> bool:
        """Create a branch at a commit; False if it already exists."""
        return self._moved("POST", "git/refs", ref=f"refs/heads/{branch}", sha=commit)

    def move_branch(self, branch: str, commit: str) -> bool:
        """Move a branch forward to a commit, without force; False if somebody pushed to it."""
        return self._moved("PATCH", f"git/refs/heads/{branch}", sha=commit, force=False)

    def branches(self, beginning: str) -> list[str]:
        """The branches whose names begin so."""
        with told("listing the branches"):
            found = self._asked("GET", f"git/matching-refs/heads/{beginning}")
        return [str(each["ref"]).removeprefix("refs/heads/") for each in found]

    def drop_branch(self, branch: str) -> None:
        with told(f"deleting the branch {branch}"):
            self._asked("DELETE", f"git/refs/heads/{branch}", missing=None)

    def pulls(self, branch: str) -> list[PullRequest]:
        """The pull requests from a branch of this repository, not of a fork, newest first."""
        with told("reading the pull requests"):
            owner = self._name.partition("/")[0]
            found = self._repository.get_pulls(state="all", head=f"{owner}:{branch}")
            own = [
                PullRequest(
                    each.number,
                    each.state == "open",
                    each.merged_at is not None,
                    each.user.login if each.user else "",
                    each.head.sha,
                    each.title,
                    each.body or "",
                )
                for each in found
                if each.head.ref == branch
                and each.head.repo
                and each.head.repo.full_name.casefold() == self._name.casefold()
            ]
        return sorted(own, key=lambda pull: -pull.number)

    def open_pull(self, title: str, body: str, branch: str, base: str, label: str) -> int | None:
        """Open a pull request and return its number; None if the branch already has one."""
        try:
            with told("opening a pull request"):
                given = {"title": title, "body": body, "head": branch, "base": base}
                number = int(self._asked("POST", "pulls", **given)["number"])
        except GitHubError as failure:
            if failure.status == 422 and "already exists" in failure.text:
                return None
            if failure.forbidden:
                failure.help = MAY_OPEN
            raise
        with told(f"labelling #{number}"):
            self._asked("POST", f"issues/{number}/labels", labels=[label])
        return number

    def edit_pull(self, number: int, title: str, body: str) -> None:
        with told(f"changing #{number}"):
            self._asked("PATCH", f"pulls/{number}", title=title, body=body)

    def close_pull(self, number: int) -> None:
        with told(f"closing #{number}"):
            self._asked("PATCH", f"pulls/{number}", state="closed")

    def _moved(self, verb: str, path: str, **given: Json) -> bool:
        try:
            with told("pushing"):
                self._asked(verb, path, **given)
        except GitHubError as failure:
            if failure.status not in (409, 422):
                raise
            return False
        return True

    def _asked(self, verb: str, path: str, *, missing: Json = REFUSED, **given: Json) -> Json:
        """GitHub's answer; after a 404 `missing`, if it is given."""
        from github import UnknownObjectException

        url = f"/repos/{self._name}/{path}"
        asking = self._github.requester.requestJsonAndCheck
        try:
            if verb == "GET":
                return asking(verb, url, parameters=given)[1]
            return asking(verb, url, input=given)[1]
        except UnknownObjectException:
            if missing is REFUSED:
                raise
            return missing
