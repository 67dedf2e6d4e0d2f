"""The origin of a run, from the variables of each CI."""

from __future__ import annotations

import getpass

import pytest

from graphpolicy.journal.provenance import origin

GITHUB = {
    "GITHUB_SHA": "abc",
    "GITHUB_REF": "refs/pull/7/merge",
    "GITHUB_ACTOR": "ana",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "contoso/policy",
    "GITHUB_RUN_ID": "42",
    "USER": "runner",
}
AZURE = {
    "BUILD_SOURCEVERSION": "abc",
    "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "7",
    "BUILD_REQUESTEDFOR": "ana",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
    "SYSTEM_TEAMPROJECT": "policy",
    "BUILD_BUILDID": "42",
}
GITLAB = {
    "CI_COMMIT_SHA": "abc",
    "CI_MERGE_REQUEST_IID": "7",
    "GITLAB_USER_LOGIN": "ana",
    "CI_JOB_URL": "https://gitlab.example/jobs/42",
}


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        (GITHUB, "https://github.com/contoso/policy/actions/runs/42"),
        (AZURE, "https://dev.azure.com/contoso/policy/_build/results?buildId=42"),
        (GITLAB, "https://gitlab.example/jobs/42"),
    ],
    ids=["github", "azure", "gitlab"],
)
def test_each_ci_is_understood(environment: dict[str, str], address: str) -> None:
    assert origin(environment) == {
        "commit": "abc",
        "pull_request": "7",
        "author": "ana",
        "run": address,
    }


@pytest.mark.parametrize("environment", [GITHUB, AZURE])
def test_half_an_address_is_none(environment: dict[str, str]) -> None:
    for name in environment:
        if name.endswith(("_ID", "BUILDID", "PROJECT", "URI", "URL", "REPOSITORY")):
            assert "run" not in origin({**environment, name: ""})


def test_at_a_desk_only_the_person_is_known() -> None:
    assert origin({"USER": "ana", "HOME": "/home/ana"}) == {"author": "ana"}
    assert origin({"USERNAME": "ana"}) == {"author": "ana"}
    assert origin({}) == {"author": getpass.getuser()}


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/pull/x/merge", "refs/pull/7", ""])
def test_a_branch_is_no_pull_request(ref: str) -> None:
    assert "pull_request" not in origin({**GITHUB, "GITHUB_REF": ref})


def test_nothing_else_of_the_environment_is_kept() -> None:
    secrets = {"GITHUB_TOKEN": "s3cret", "AZURE_CLIENT_SECRET": "s3cret", "SYSTEM_ACCESSTOKEN": "x"}
    assert "s3cret" not in str(origin({**GITHUB, **secrets}))
    assert origin({**GITHUB, **secrets}) == origin(GITHUB)
