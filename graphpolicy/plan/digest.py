"""What an approval is bound to: the digest, and what has changed since the approval. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.compare.comparison import Comparison
from graphpolicy.compare.resolve import Resolution, target_ids
from graphpolicy.compare.selection import Address, as_terms, from_terms, part_name
from graphpolicy.model import Bound, Expectation, Finding, Json, ResolvedPolicy, Scope
from graphpolicy.plan.rollout_changes import rollout_terms
from graphpolicy.rules.table import RULES


def digest(bound: Bound) -> str:
    """`sha256:` and 64 hex digits over everything that is bound, in canonical JSON."""
    text = json.dumps(as_json(bound), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def if_allowed(bound: Bound, rules: Collection[str]) -> Bound:
    """What would be bound if --allow accepted these rules for a run."""
    found = {
        (rule, level, resource, path, accepted or rule in rules)
        for rule, level, resource, path, accepted in bound.terms.get("findings", ())
    }
    allow = tuple(sorted({*bound.terms.get("allow", ()), *rules}))
    return replace(
        bound, terms={**bound.terms, "allow": allow, "findings": _sorted(map(list, found))}
    )


def as_json(bound: Bound) -> Json:
    """A `Bound` as in plan files and run folders."""
    names = ("resource", "path", "desired", "observed")
    return {
        "tenant": bound.tenant,
        "cloud": bound.cloud,
        "settings": [dict(zip(names, row, strict=True)) for row in bound.settings],
        "groups": dict(bound.groups),
        "terms": {name: list(values) for name, values in bound.terms.items()},
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
        {name: tuple(values) for name, values in data["terms"].items()},
    )


def terms(
    desired: ResolvedPolicy,
    allowed: Iterable[str],
    findings: Iterable[Finding],
    only: Iterable[Address] = (),
) -> dict[str, tuple[Json, ...]]:
    """What a reviewer approves besides settings, by key of the file.

    Volatile findings are left out: an apply judges them again.
    """
    emergency = desired.emergency_access or ()
    expected = _sorted(map(expectation_terms, desired.expectations))
    rolled = _sorted(rollout_terms(desired.rollouts))
    found = {
        (finding.rule, finding.level, finding.resource, finding.path, bool(finding.acknowledged))
        for finding in findings
        if finding.level != "note" and not finding.volatile and not RULES[finding.rule].volatile
    }
    return {
        "acknowledge": _sorted(
            {
                "rule": one.rule,
                "atMost": one.at_most,
                **({"people": one.people} if one.people else {}),
                **_scope(one.scope),
            }
            for one in desired.acknowledgements
        ),
        "hold": _sorted(
            {"live": one.live and one.live.tree, **_scope(one.scope)} for one in desired.holds
        ),
        "allow": tuple(sorted(allowed)),
        **({"only": as_terms(only)} if only else {}),
        **({"expect": expected} if expected else {}),
        **({"rollouts": rolled} if rolled else {}),
        "emergencyAccess": _sorted([emergency] if isinstance(emergency, Mapping) else emergency),
        **({} if desired.unmanaged == "report" else {"unmanaged": (desired.unmanaged,)}),
        "guards": _sorted({"rule": rule, "level": asked} for rule, asked in desired.guards.items()),
        "findings": _sorted(map(list, found)),
    }


def expectation_terms(entry: Expectation) -> dict[str, Json]:
    """An expectation with the keys of the file; of a group it has the id."""
    lists = {"canUse": entry.can_use, "cannotUse": entry.cannot_use, "has": entry.has}
    words = {"from": entry.since, "reason": entry.reason, "owner": entry.owner}
    methods = {name: sorted(one.title for one in some) for name, some in lists.items() if some}
    said = {name: word for name, word in words.items() if word}
    return {"person" if entry.person else "people": entry.who, **methods, **said}


def _scope(scope: Scope) -> dict[str, Json]:
    return {
        "resource": scope.resource,
        "path": ".".join(scope.path),
        "reason": scope.reason,
        "owner": scope.owner,
        "expires": scope.expires,
    }


def _sorted(values: Iterable[Json]) -> tuple[Json, ...]:
    return tuple(sorted(values, key=lambda value: json.dumps(value, sort_keys=True)))


def moved(then: Bound, now: Bound, written: Collection[tuple[str, str]] = ()) -> Iterator[str]:
    """What is bound and has changed, each with the new and the old value, in words.

    `written` are the (resource, path) that an interrupted run wrote. Their live value may also be
    the desired one, with what Graph fills in by itself.
    """
    if (then.tenant, then.cloud) != (now.tenant, now.cloud):
        yield f"the tenant is {now.tenant} ({now.cloud}), but was {then.tenant} ({then.cloud})"
    old, new = _settings(then), _settings(now)
    for key in sorted(old.keys() | new.keys()):
        name = ".".join(key)
        if key not in new:
            wanted = _shown(old[key][0])
            yield f"{name} was declared {wanted}, but is no longer declared, or no longer returned"
        elif key not in old:
            wants = _shown(new[key][0])
            yield f"{name} is declared {wants}, but was not declared, or not returned"
        else:
            (wanted, seen), (wants, sees) = old[key], new[key]
            if key in written and wants == sees and _holds(sees, wanted):
                continue
            if wants != wanted:
                yield f"{name} is declared {_shown(wants)}, but was {_shown(wanted)}"
            if sees != seen:
                yield f"{name} is {_shown(sees)} in the tenant, but was {_shown(seen)}"
    groups = dict(then.groups), dict(now.groups)
    for name in sorted(groups[0].keys() | groups[1].keys()):
        was, is_ = (ids.get(name) for ids in groups)
        if was != is_:
            yield f"group {name!r} is {is_ or 'not used'}, but was {was or 'not used'}"
    # A resumed run has applied a part already, so findings about that part have disappeared.
    for name in sorted(
        (then.terms.keys() | now.terms.keys()) - ({"findings"} if written else set())
    ):
        agreed, found = (list(bound.terms.get(name, ())) for bound in (then, now))
        yield from (_come(name, one) for one in found if one not in agreed)
        yield from (_gone(name, one) for one in agreed if one not in found)


def _come(name: str, value: Json) -> str:
    """A term that is new, in words."""
    if name == "allow":
        return f"--allow {value} is given, but was not before"
    if name == "only":
        return f"--only {_part(value)} is given, but was not before"
    return f"{_finding(value)} is new" if name == "findings" else f"{name} now has {_shown(value)}"


def _gone(name: str, value: Json) -> str:
    """A term that has disappeared, in words."""
    if name == "allow":
        return f"--allow {value} is not given, but was before"
    if name == "only":
        return f"--only {_part(value)} is not given, but was before"
    gone = f"{name} no longer has {_shown(value)}"
    return f"{_finding(value)} has disappeared" if name == "findings" else gone


def _part(value: Json) -> str:
    try:
        return part_name(from_terms([value])[0])
    except (KeyError, TypeError, AttributeError):  # a plan file may say anything
        return _shown(value)


def _finding(row: Json) -> str:
    match row:
        case [rule, level, resource, path, accepted]:
            pass
        case _:  # a plan file may say anything
            return f"the finding {_shown(row)}"
    about = ".".join(str(part) for part in (resource, path) if part)
    text = f"the {level} {rule} about {about}" if about else f"the {level} {rule}"
    return f"{text} (accepted)" if accepted else text


def _holds(value: Json, wanted: Json) -> bool:
    """Whether a canonical value contains all of another, with equally many list entries."""
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


def bound_of(
    resolution: Resolution, comparisons: Iterable[Comparison], agreed: Mapping[str, Sequence[Json]]
) -> Bound:
    """What a reviewer of a plan consents to; `agreed` are its terms."""
    tenant = resolution.desired.tenant
    settings = [
        (comparison.id, *setting) for comparison in comparisons for setting in comparison.settings
    ]
    mentioned = target_ids(*(comparison.declared.tree for comparison in comparisons))
    groups = (row for row in resolution.groups.items() if row[1] in mentioned)
    return Bound(
        tenant.id,
        tenant.cloud,
        tuple(sorted(settings, key=lambda row: row[:2])),
        tuple(sorted(groups)),
        agreed,
    )
