"""GitHub's REST API, as far as comments and issues go, through PyGithub.

PyGithub waits out rate limits and tries again where GitHub fails for a moment. What is created
twice that way, because an answer was lost, is put right by the next run: it finds both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphpolicy.github.sticky import Comment
from graphpolicy.github.watch import Issue

if TYPE_CHECKING:
    from github import GithubException
    from github.Repository import Repository

LONGEST_WAIT = 600.0
"""Seconds that a rate limit may ask for."""


class HubFailure(Exception):  # noqa: N818 - an outcome with an exit code
    """GitHub refused, or could not be reached."""

    exit_code = 1

    def __init__(self, text: str, help_: str, *, forbidden: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.help = help_
        self.forbidden = forbidden


class Hub:
    """One repository."""

    def __init__(self, token: str, repository: str, root: str, pause: float = 1.0) -> None:
        """`root` is the API's address; `pause` the seconds between two writes."""
        from github import Auth, Github
        from github.GithubRetry import GithubRetry

        self._github = Github(
            auth=Auth.Token(token),
            base_url=root,
            per_page=100,
            retry=GithubRetry(total=4, max_rate_limit_wait=LONGEST_WAIT, backoff_factor=pause),
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
        with _told(f"deleting a comment on #{number}"):
            self._repository.get_issue(number).get_comment(id_).delete()

    def pull_requests_of(self, commit: str) -> list[int]:
        """The pull requests that a commit came with, merged ones first."""
        with _told(f"looking up the pull request of {commit[:12]}"):
            pulls = list(self._repository.get_commit(commit).get_pulls())
        return [each.number for each in sorted(pulls, key=lambda each: each.merged_at is None)]

    def issues(self, label: str, author: str) -> list[Issue]:
        """The issues with a label that an author opened, open and closed, oldest first.

        A pull request is an issue too, told by its address: what an issue has not PyGithub would
        ask for once more, issue by issue.
        """
        with _told(f"reading the issues labelled {label}"):
            found = self._repository.get_issues(state="all", labels=[label], direction="asc")
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


@contextmanager
def _told(doing: str) -> Iterator[None]:
    """What goes wrong on the way, in our words.

    Raises:
        HubFailure: GitHub refused, or could not be reached.
    """
    from github import GithubException
    from requests import RequestException

    try:
        yield
    except GithubException as refused:
        raise _refused(doing, refused) from refused
    except RequestException as broken:
        text = f"{doing}: GitHub can't be reached: {type(broken).__name__}"
        raise HubFailure(
            text, "look at GITHUB_API_URL and the network; run the job again"
        ) from broken


def _refused(doing: str, refused: GithubException) -> HubFailure:
    said = refused.data.get("message") if isinstance(refused.data, dict) else None
    text = f"{doing}: GitHub answered {refused.status}: {said or 'no reason given'}"
    helps = {
        401: "GITHUB_TOKEN is no valid token",
        403: "the job needs `permissions: pull-requests: write` (comments) or `issues: write`",
        404: "the job's token may not see this: look at GITHUB_REPOSITORY and `permissions:`",
    }
    return HubFailure(
        text, helps.get(refused.status, "run the job again"), forbidden=refused.status == 403
    )
