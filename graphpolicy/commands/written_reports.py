"""Reports that other verbs wrote, as .json or .jsonl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.disk.folders import read_inside
from graphpolicy.disk.json_text import decoded
from graphpolicy.model import Json
from graphpolicy.render.as_json import FORMAT_VERSION


def report_in(file: str) -> Json:
    """A report that another verb wrote as `.json`, or as `.jsonl` with a line for each tenant.

    Raises:
        OSError, ValueError, KeyError, TypeError: it is not one.
    """
    if file.lower().endswith(".jsonl"):
        return {"plans": [*plans_in(file)]}
    return decoded(read_inside(file))


def plans_in(file: str) -> Iterator[Mapping[str, Json]]:
    """The PLANs of a report, or of its lines."""
    raw = read_inside(file)
    if not file.lower().endswith(".jsonl"):
        yield from _known(decoded(raw))["plans"]
        return
    yield from (_known(decoded(line)) for line in raw.splitlines() if line.strip())


def _known(document: Json) -> Json:
    """A document whose format this release can read."""
    if document["format_version"] != FORMAT_VERSION:
        version = document["format_version"]
        text = f"its format_version is {version!r}, and this release reads {FORMAT_VERSION!r}"
        raise ValueError(text)
    return document


def fault(error: Exception) -> str:
    """What is wrong with a report."""
    match error:
        case OSError():
            return error.strerror or "it can't be read"
        case KeyError():
            return f"it has no {error}"
        case ValueError():
            return str(error)
        case _:
            return "its structure is different"
