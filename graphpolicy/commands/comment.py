"""ci comment: the report on a pull request, one comment for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphpolicy.github.sticky import key, of_wrong_files, ours
from graphpolicy.model import Json
from graphpolicy.model.errors import UsageError

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub


def pull_request(event: Mapping[str, Json], repository: str) -> tuple[int | None, bool]:
    """The number of the pull request that a job runs for, if any, and whether it is from a fork."""
    pull = event.get("pull_request")
    if not isinstance(pull, Mapping):
        return None, False
    head = (pull.get("head") or {}).get("repo") or {}
    return pull.get("number"), head.get("full_name") != repository


def stick(hub: Hub, number: int, body: str, author: str) -> str:
    """Post a report on a pull request, in place of the earlier one; returns what was done.

    Raises:
        UsageError: the text is not a report of graphpolicy.
        GitHubError: GitHub refused; `forbidden` where the token may only read.
    """
    if key(body) is None:
        raise UsageError(
            "the comment is not a report of graphpolicy: its first line has no marker",
            "make it with `graphpolicy plan -o plan.md`",
        )
    comments = hub.comments(number)
    found, wrong = ours(comments, body, author), of_wrong_files(comments, body, author)
    if not found:
        hub.comment(number, body)
        done = f"commented on #{number}"
    else:
        if found[0].body.strip() != body.strip():
            hub.edit_comment(number, found[0].id, body)
        done = f"brought the comment on #{number} up to date"
    for other in (*found[1:], *wrong):  # two runs began at once, and each found none
        hub.delete_comment(number, other.id)
    return done
