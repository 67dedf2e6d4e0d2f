"""GitHub's REST API, as far as comments and issues go, through PyGithub.

PyGithub waits out rate limits and tries again where GitHub fails for a moment. What is created
twice that way, because an answer was lost, is put right by the next run: it finds both.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from graphpolicy.github.adoption import Pull, Tip
from graphpolicy.github.sticky import Comment
from graphpolicy.github.watch import Issue
from graphpolicy.model import Json
from graphpolicy.model.errors import GraphPolicyError

if TYPE_CHECKING:
    from github import GithubException
    from github.Repository import Repository

LONGEST_WAIT = 600.0
"""Seconds that a rate limit may ask for."""

TRIES = 4
"""Times that a request is sent again."""

REFUSED: Json = object()
"""That something is missing is GitHub's refusal, and no answer."""
MAY_OPEN = (
    "the job needs `permissions: pull-requests: write`, and the repository must let jobs do it: "
    "Settings, Actions, General, `Allow GitHub Actions to create and approve pull requests`"
)


@dataclass(eq=False)
class GitHubError(GraphPolicyError):
    """GitHub refused, or could not be reached."""

    status: int = 0

    @property
    def forbidden(self) -> bool:
        """Whether the token may not do this."""
        return self.status == 403


class Hub:
    """One repository."""

    def __init__(self, token: str, repository: str, root: str, pause: float) -> None:
        """`root` is the API's address; `pause` the seconds between two writes."""
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
                allowed_methods=None,  # PATCH, too, which PyGithub leaves out
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
        with _told(f"reading the comments of #{number}"):
            found = self._repository.get_issue(number).get_comments()
            return [
                Comment(each.id, each.user.login if each.user else "", each.body or "")
                for each in found
            ]

    def comment(self, number: int, body: str) -> None:
        with _told(f"commenting on #{number}"):
            self._repository.get_issue(number).create_comment(body)

    def edit_comment(self, number: int, id_: int, body: str) -> None:
        with _told(f"changing a comment on #{number}"):
            self._repository.get_issue(number).get_comment(id_).edit(body)

    def delete_comment(self, number: int, id_: int) -> None:
        """Also where another run has deleted it just now."""
        with _told(f"deleting a comment on #{number}"):
            self._asked("DELETE", f"issues/comments/{id_}", missing=None)

    def pull_requests_of(self, commit: str) -> list[int]:
        """The pull requests that a commit came with, merged ones first."""
        with _told(f"looking up the pull request of {commit[:12]}"):
            pulls = list(self._repository.get_commit(commit).get_pulls())
        return [each.number for each in sorted(pulls, key=lambda each: each.merged_at is None)]

    def issues(self, label: str, author: str) -> list[Issue]:
        """The issues with a label that an author opened, open and closed, oldest first.

        Where there is none, all that the author opened: somebody may have deleted the label.
        """
        with _told(f"reading the issues labelled {label}"):
            found = self._issues_of(author, labels=[label])
        if found:
            return found
        with _told(f"reading the issues of {author}"):
            return self._issues_of(author, creator=author)

    def _issues_of(self, author: str, **narrowed: Any) -> list[Issue]:
        """A pull request is an issue too, told by its address: what an issue has not PyGithub would
        ask for once more, issue by issue.
        """
        found = self._repository.get_issues(state="all", direction="asc", **narrowed)
        return [
            Issue(each.number, each.state == "open", each.body or "")
            for each in found
            if "/pull/" not in each.html_url and each.user and each.user.login == author
        ]

    def open_issue(self, title: str, body: str, label: str) -> int:
        with _told("opening an issue"):
            return self._repository.create_issue(title, body=body, labels=[label]).number

    def edit_issue(self, number: int, title: str, body: str, *, open_: bool) -> None:
        with _told(f"changing #{number}"):
            state = "open" if open_ else "closed"
            self._repository.get_issue(number).edit(title=title, body=body, state=state)

    @property
    def _repository(self) -> Repository:
        return self._github.get_repo(self._name, lazy=True)

    def blob_at(self, path: str, commit: str) -> str | None:
        """What git calls the file at a path in a commit; None where there is none."""
        with _told(f"looking up {path}"):
            found = self._asked("GET", f"contents/{quote(path)}", missing={}, ref=commit)
        return found.get("sha") if isinstance(found, dict) else None

    def tip(self, branch: str) -> Tip | None:
        """The newest commit of a branch; None where there is no such branch."""
        with _told(f"looking up the branch {branch}"):
            found = self._asked("GET", f"git/ref/heads/{branch}", missing=None)
            if not isinstance(found, dict):  # a list is of branches that begin with this name
                return None
            commit = self._asked("GET", f"git/commits/{found['object']['sha']}")
        return Tip(commit["sha"], commit["tree"]["sha"], commit["message"])

    def tree(self, base: str, path: str, data: bytes) -> str:
        """A tree like that of a commit, with one file in it that holds these bytes."""
        with _told(f"writing {path}"):
            text = {"content": b64encode(data).decode(), "encoding": "base64"}
            blob = self._asked("POST", "git/blobs", **text)
            entry = {"path": path, "mode": "100644", "type": "blob", "sha": blob["sha"]}
            under = self._asked("GET", f"git/commits/{base}")["tree"]["sha"]
            made = self._asked("POST", "git/trees", base_tree=under, tree=[entry])
        return str(made["sha"])

    def commit(self, message: str, tree: str, parents: Sequence[str]) -> str:
        with _told("writing a commit"):
            given = {"message": message, "tree": tree, "parents": list(parents)}
            return str(self._asked("POST", "git/commits", **given)["sha"])

    def start_branch(self, branch: str, commit: str) -> bool:
        """Whether the branch begins at a commit now; not where somebody was faster."""
        return self._moved("POST", "git/refs", ref=f"refs/heads/{branch}", sha=commit)

    def move_branch(self, branch: str, commit: str) -> bool:
        """Whether the branch goes on to a commit, never by force: not where somebody pushed."""
        return self._moved("PATCH", f"git/refs/heads/{branch}", sha=commit, force=False)

    def drop_branch(self, branch: str) -> None:
        with _told(f"deleting the branch {branch}"):
            self._asked("DELETE", f"git/refs/heads/{branch}", missing=None)

    def pulls(self, branch: str) -> list[Pull]:
        """The pull requests from a branch of this very repository, newest first."""
        with _told("reading the pull requests"):
            owner = self._name.partition("/")[0]
            found = self._repository.get_pulls(state="all", head=f"{owner}:{branch}")
            own = [
                Pull(
                    each.number,
                    each.state == "open",
                    each.merged_at is not None,
                    each.user.login if each.user else "",
                    each.head.sha,
                    each.title,
                    each.body or "",
                )
                for each in found
                if each.head.ref == branch and _name(each.head.repo) == self._name.casefold()
            ]
        return sorted(own, key=lambda pull: -pull.number)

    def open_pull(self, title: str, body: str, branch: str, base: str, label: str) -> int | None:
        """The number of a new pull request; None where there is one already."""
        try:
            with _told("opening a pull request"):
                given = {"title": title, "body": body, "head": branch, "base": base}
                number = int(self._asked("POST", "pulls", **given)["number"])
        except GitHubError as failure:
            if failure.status == 422 and "already exists" in failure.text:
                return None
            if failure.forbidden:
                failure.help = MAY_OPEN
            raise
        with _told(f"labelling #{number}"):
            self._asked("POST", f"issues/{number}/labels", labels=[label])
        return number

    def edit_pull(self, number: int, title: str, body: str) -> None:
        with _told(f"changing #{number}"):
            self._asked("PATCH", f"pulls/{number}", title=title, body=body)

    def close_pull(self, number: int) -> None:
        with _told(f"closing #{number}"):
            self._asked("PATCH", f"pulls/{number}", state="closed")

    def _moved(self, verb: str, path: str, **given: Json) -> bool:
        try:
            with _told("pushing"):
                self._asked(verb, path, **given)
        except GitHubError as failure:
            if failure.status not in (409, 422):
                raise
            return False
        return True

    def _asked(self, verb: str, path: str, *, missing: Json = REFUSED, **given: Json) -> Json:
        """What GitHub answers; `missing` where it answers 404, if that is given."""
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


def _name(repository: Repository | None) -> str:
    return (repository.full_name if repository else "").casefold()


@contextmanager
def _told(doing: str) -> Iterator[None]:
    """What goes wrong on the way, in our words.

    Raises:
        GitHubError: GitHub refused, or could not be reached.
    """
    from github import GithubException
    from requests import RequestException
    from requests.exceptions import RetryError

    try:
        yield
    except GithubException as refused:
        raise _refused(doing, refused) from refused
    except RetryError as limited:
        text = f"{doing}: GitHub refused each of {TRIES + 1} tries"
        raise GitHubError(
            text, "it limits the rate or is in trouble (githubstatus.com): run the job again later"
        ) from limited
    except RequestException as broken:
        text = f"{doing}: GitHub can't be reached: {type(broken).__name__}"
        raise GitHubError(
            text, "look at GITHUB_API_URL and the network; run the job again"
        ) from broken


def _refused(doing: str, refused: GithubException) -> GitHubError:
    from github import RateLimitExceededException

    data = refused.data if isinstance(refused.data, dict) else {}
    causes = [each.get("message") for each in data.get("errors") or () if isinstance(each, dict)]
    said = "; ".join(str(each) for each in (data.get("message"), *causes) if each)
    text = f"{doing}: GitHub answered {refused.status}: {said or 'no reason given'}"
    if isinstance(refused, RateLimitExceededException):  # a 403 that says nothing on permissions
        return GitHubError(
            text, "the limit ends within the hour: run the job again then", status=429
        )
    if refused.status == 403 and "locked" in said:
        return GitHubError(text, "unlock the conversation, and run the job again", status=403)
    helps = {
        401: "GITHUB_TOKEN is no valid token",
        403: "the job needs `permissions:`: `pull-requests: write` (comments), `issues: write`, or "
        "`contents: write` (branches)",
        404: "the job's token may not see this: look at GITHUB_REPOSITORY and `permissions:`",
        410: "the repository has no issues: Settings, General, Features, `Issues`",
    }
    return GitHubError(text, helps.get(refused.status, "run the job again"), status=refused.status)
