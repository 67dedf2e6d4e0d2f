"""What consent is bound to: the digest, and what has moved since it was given. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping

from graphpolicy.model import Bound, Json


def digest(bound: Bound) -> str:
    """`sha256:` and 64 hex digits over everything that is bound, in one canonical form."""
    text = json.dumps(as_json(bound), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def as_json(bound: Bound) -> Json:
    """A `Bound` as plan files and run folders keep it."""
    names = ("resource", "path", "desired", "observed")
    return {
        "tenant": bound.tenant,
        "cloud": bound.cloud,
        "settings": [dict(zip(names, row, strict=True)) for row in bound.settings],
        "groups": dict(bound.groups),
    }


def from_json(data: Json) -> Bound:
    """The inverse of `as_json`.

    Raises:
        (KeyError, TypeError, AttributeError): the data has another shape.
    """
    return Bound(
        data["tenant"],
        data["cloud"],
        tuple(
            (row["resource"], row["path"], row["desired"], row["observed"])
            for row in data["settings"]
        ),
        tuple(sorted(data["groups"].items())),
    )


def moved(then: Bound, now: Bound, written: Collection[tuple[str, str]] = ()) -> Iterator[str]:
    """What is bound and not as it was, each from what to what, in words.

    Where `written` holds its (resource, path), a live value may also be the desired one, with what
    Graph fills in by itself.
    """
    if (then.tenant, then.cloud) != (now.tenant, now.cloud):
        yield f"the tenant is {now.tenant} ({now.cloud}), and was {then.tenant} ({then.cloud})"
    old, new = _settings(then), _settings(now)
    for key in sorted(old.keys() | new.keys()):
        name = ".".join(key)
        if key not in new:
            wanted = _shown(old[key][0])
            yield f"{name} was declared {wanted}, and is no longer declared, or no longer returned"
        elif key not in old:
            wants = _shown(new[key][0])
            yield f"{name} is declared {wants}, and was not declared, or not returned"
        else:
            (wanted, seen), (wants, sees) = old[key], new[key]
            if key in written and wants == sees and _holds(sees, wanted):
                continue
            if wants != wanted:
                yield f"{name} is declared {_shown(wants)}, and was {_shown(wanted)}"
            if sees != seen:
                yield f"{name} is {_shown(sees)} in the tenant, and was {_shown(seen)}"
    groups = dict(then.groups), dict(now.groups)
    for name in sorted(groups[0].keys() | groups[1].keys()):
        was, is_ = (ids.get(name) for ids in groups)
        if was != is_:
            yield f"group {name!r} is {is_ or 'not used'}, and was {was or 'not used'}"


def _holds(value: Json, wanted: Json) -> bool:
    """Whether a canonical value says all that another says, of as many entries."""
    if isinstance(value, dict) and isinstance(wanted, dict):
        return all(name in value and _holds(value[name], wanted[name]) for name in wanted)
    if isinstance(value, list) and isinstance(wanted, list):
        found = all(any(_holds(item, each) for item in value) for each in wanted)
        return found and len(value) == len(wanted)
    return bool(value == wanted)


def _settings(bound: Bound) -> Mapping[tuple[str, str], tuple[Json, Json]]:
    return {(row[0], row[1]): (row[2], row[3]) for row in bound.settings}


def _shown(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
