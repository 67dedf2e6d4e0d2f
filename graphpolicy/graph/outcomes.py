"""The result of a write: outcome, message and exit code."""

from __future__ import annotations

from dataclasses import replace

from graphpolicy.compare.documents import Documents
from graphpolicy.compare.requests import Write
from graphpolicy.graph.errors import GraphError
from graphpolicy.model import Outcome, Request, Result
from graphpolicy.model.errors import Exit, GraphPolicyError

NO_LONGER = "can no longer be toggled"
"""Microsoft's words for a setting that it has taken over (Microsoft365DSC#3406)."""


def why(error: Exception) -> str:
    """The error's own sentence, or the name of the exception if it is a bug."""
    if isinstance(error, GraphPolicyError):
        return error.text
    return f"internal error: {type(error).__name__}: {error}"


def refused(write: Write, request: Request, before: Documents, failure: GraphError) -> Result:
    """The result of a write that Graph refused: nothing changed.

    Microsoft has taken over number matching: Graph refuses every change of it. If the file asks for
    what Microsoft enforces (enabled for everyone) that is a success.
    """
    if not (write.alone and failure.status == 400 and NO_LONGER in failure.message.casefold()):
        return result_of(request, "failed", failure)
    text = "Microsoft enforces this setting and refuses every change"
    if write.asks_for_everyone(before):
        return replace(result_of(request, "enforced", failure, text), exit_code=Exit.DONE)
    text += (
        "; the file does not enable it for everyone (number-matching-enforced): remove it from the "
        "file, or set it to enabled for all_users"
    )
    return replace(result_of(request, "enforced", failure, text), exit_code=Exit.REFUSED)


def result_of(
    request: Request,
    outcome: Outcome,
    failure: GraphError | None = None,
    error: str = "",
    request_id: str = "",
    *,
    written: bool = False,
) -> Result:
    """A request's result. Message, request id and exit code default to those of `failure`."""
    return Result(
        resource=request.resource,
        paths=request.paths,
        outcome=outcome,
        request_id=request_id or (failure.request_id if failure else ""),
        error=error or (f"{failure.text}; {failure.help}" if failure else ""),
        exit_code=failure.exit_code if failure else 1,
        title=request.title,
        written=written,
    )
