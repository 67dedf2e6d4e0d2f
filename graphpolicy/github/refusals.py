"""What GitHub refuses, and that it can't be reached, as errors with a way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphpolicy.model.errors import GraphPolicyError

if TYPE_CHECKING:
    from github import GithubException

TRIES = 4
"""Retries of a request."""


@dataclass(eq=False)
class GitHubError(GraphPolicyError):
    """GitHub refused, or could not be reached."""

    status: int = 0

    @property
    def forbidden(self) -> bool:
        """Whether the token may not do this."""
        return self.status == 403


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn PyGithub's errors into `GitHubError`."""
    from github import GithubException
    from requests import RequestException
    from requests.exceptions import RetryError

    try:
        yield
    except GithubException as refused:
        raise _refused(doing, refused) from refused
    except RetryError as limited:
        text = f"{doing}: GitHub refused the request {TRIES + 1} times"
        fix = "it limits the rate or has an outage (githubstatus.com): run the job again later"
        raise GitHubError(text, fix) from limited
    except RequestException as broken:
        text = f"{doing}: GitHub can't be reached: {type(broken).__name__}"
        fix = "check GITHUB_API_URL and the network, and run the job again"
        raise GitHubError(text, fix) from broken


def _refused(doing: str, refused: GithubException) -> GitHubError:
    from github import RateLimitExceededException

    data = refused.data if isinstance(refused.data, dict) else {}
    causes = [each.get("message") for each in data.get("errors") or () if isinstance(each, dict)]
    said = "; ".join(str(each) for each in (data.get("message"), *causes) if each)
    text = f"{doing}: GitHub answered {refused.status}: {said or 'no reason given'}"
    if isinstance(refused, RateLimitExceededException):  # a 403 that is not about permissions
        fix = "the limit ends within an hour: run the job again then"
        return GitHubError(text, fix, status=429)
    if refused.status == 403 and "locked" in said:
        return GitHubError(text, "unlock the conversation, and run the job again", status=403)
    helps = {
        401: "GITHUB_TOKEN is not a valid token",
        403: "the job needs `permissions:`: `pull-requests: write` (comments), `issues: write`, or "
        "`contents: write` (branches)",
        404: "the job's token may not see this: check GITHUB_REPOSITORY and `permissions:`",
        410: "issues are off: turn on Settings, General, Features, `Issues`",
    }
    return GitHubError(text, helps.get(refused.status, "run the job again"), status=refused.status)
