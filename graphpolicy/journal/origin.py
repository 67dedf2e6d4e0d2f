"""The origin of a run: commit, author, pull request and CI run, from the CI's variables."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping

COMMIT = ("GITHUB_SHA", "BUILD_SOURCEVERSION", "CI_COMMIT_SHA")
AUTHOR = ("GITHUB_ACTOR", "BUILD_REQUESTEDFOR", "GITLAB_USER_LOGIN", "USER", "USERNAME")
PULL_REQUEST = ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "CI_MERGE_REQUEST_IID")
ADDRESS = ("CI_JOB_URL",)


def origin(environment: Mapping[str, str]) -> dict[str, str]:
    """The origin as `commit`, `author`, `pull_request` and `run` (a URL), each only if known."""

    def first(names: tuple[str, ...]) -> str:
        return next((environment[name] for name in names if environment.get(name)), "")

    ref = re.fullmatch(r"refs/pull/([0-9]+)/.*", environment.get("GITHUB_REF", ""))
    found = {
        "commit": first(COMMIT),
        "author": first(AUTHOR) or _user(),
        "pull_request": ref[1] if ref else first(PULL_REQUEST),
        "run": first(ADDRESS) or _github(environment) or _azure(environment),
    }
    return {name: value for name, value in found.items() if value}


def _user() -> str:
    """The user by uid, if the environment has no user name; "" if the uid has none either."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _github(environment: Mapping[str, str]) -> str:
    parts = [
        environment.get(name, "")
        for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    ]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""


def _azure(environment: Mapping[str, str]) -> str:
    parts = [
        environment.get(name, "")
        for name in ("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "BUILD_BUILDID")
    ]
    return "{}{}/_build/results?buildId={}".format(*parts) if all(parts) else ""
