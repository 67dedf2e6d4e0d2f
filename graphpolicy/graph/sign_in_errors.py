"""Entra's sign-in errors in plain words, each with what to do.

`entra_errors.json` has the common codes (Microsoft: "Microsoft Entra authentication and
authorization error codes").
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from graphpolicy.graph.errors import SignInError, clean

_SAID = re.compile(r"(AADSTS\d+): ?(.*?)(?:'? Content: .*| Trace ID: ([0-9A-Fa-f-]+).*)?$")


def sign_in_refused(how: str, why: str, problem: Exception) -> SignInError:
    """azure-identity's `problem` as a failure; `how` is the sign-in method, `why` its reason."""
    words = clean(str(problem)) or type(problem).__name__
    said = _SAID.search(words)
    if said is None:
        return SignInError(
            f"sign-in by {how} failed: {words.rstrip('.')}",
            f"{how} was used because {why}; choose another sign-in method with --auth, such as "
            "--auth browser",
            message=words,
        )
    code, message, request_id = said[1], said[2].rstrip("."), said[3] or ""
    known = _known().get(code)
    means = known["means"] if known else message
    return SignInError(
        f"sign-in by {how} was refused: {code}: {means}",
        f"{known['repair']}. Entra's message: {message}"
        if known
        else f"look it up: https://login.microsoftonline.com/error?code={code[6:]}",
        code=code,
        message=message,
        request_id=request_id,
    )


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    text = (Path(__file__).parent / "entra_errors.json").read_text(encoding="utf-8")
    rows: Mapping[str, Mapping[str, str]] = json.loads(text)
    return rows
