"""The origin of a run: commit, author, pull request and CI run, from the CI's variables."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping

COMMIT = ("GITHUB_SHA", "BUILD_SOURCEVERSION", "CI_COMMIT_SHA")
AUTHOR = ("GITHUB_ACTOR", "BUILD_REQUESTEDFOR", "GITLAB_USER_LOGIN", "USER", "USERNAME")
PULL_REQUEST = ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "CI_MERGE_REQUEST_IID")
ADDRESSES = (
    "{CI_JOB_URL}",
    "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
)


def origin(environment: Mapping[str, str]) -> dict[str, str]:
    """The origin as `commit`, `author`, `pull_request` and `run` (a URL), each only if known."""

    def first(names: tuple[str, ...]) -> str:
        return next((environment[name] for name in names if environment.get(name)), "")

    def address(pattern: str) -> str:
        try:
            return pattern.format_map({name: value for name, value in environment.items() if value})
        except KeyError:
            return ""

    ref = re.fullmatch(r"refs/pull/([0-9]+)/.*", environment.get("GITHUB_REF", ""))
    found = {
        "commit": first(COMMIT),
        "author": first(AUTHOR) or _user(),
        "pull_request": ref[1] if ref else first(PULL_REQUEST),
        "run": next(filter(None, map(address, ADDRESSES)), ""),
    }
    return {name: value for name, value in found.items() if value}


def _user() -> str:
    """The user by uid, if the environment has no user name; "" if the uid has none either."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
