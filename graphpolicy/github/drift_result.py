"""What one `drift` run found of each tenant, as its report says."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.compare.author_words import author_of, by_whom
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import about_state
from graphpolicy.plan.verdict import watched


@dataclass(frozen=True, slots=True)
class DriftedSetting:
    """A setting that differs: its name, its value in the file and live, and who changed it.

    For a list, `moves` are the entries that differ: (sign, entry). Of what no file declares,
    `declared` is the value of the snapshot; it is `undeclared`, and its signs say what became of an
    entry.
    """

    what: str
    declared: str
    live: str
    who: str = ""
    moves: tuple[tuple[str, str], ...] = ()
    undeclared: bool = False


@dataclass(frozen=True, slots=True)
class RolloutProgress:
    """How far a rollout is: its last wave in force, and the next one, '' without one.

    `unmet` is what that waits for, each the key of the file (with `?` if it could not be read) and
    why; empty as well if a plan did not judge it.
    """

    rollout: str
    open: str
    wave: str = ""
    due: bool = False
    unmet: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TenantDrift:
    """The result of one run for one tenant. If it could not be read, `blind` says why.

    `errors` are (rule, message) of settings in the files that are not in force in the tenant, and
    `warnings` the same for what is watched, such as emergency accounts. `besides` is what no file
    declares, differs from the snapshot, and makes no drift.
    """

    tenant: str
    name: str
    differences: tuple[DriftedSetting, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    blind: str = ""
    warnings: tuple[tuple[str, str], ...] = ()
    besides: tuple[DriftedSetting, ...] = ()
    waves: tuple[RolloutProgress, ...] = ()


def looks(report: Json) -> tuple[TenantDrift, ...]:
    """The results in a report of `drift --format json`, tenant by tenant.

    Raises:
        KeyError, TypeError: it is not such a report.
    """
    return tuple(_look(plan) for plan in report["plans"])


def _look(plan: Mapping[str, Json]) -> TenantDrift:
    tenant = plan["tenant"]
    error = plan.get("error")
    if error:
        return TenantDrift(
            tenant["id"], tenant["name"], blind=f"{error['code']}: {error['message']}"
        )
    found = [
        DriftedSetting(
            f"{item['resource']}.{item['path']}",
            str(item["after_label"]),
            str(item["before_label"]),
            by_whom([author_of(each) for each in item["changed_by"]]),
            tuple((each["sign"], str(each["label"])) for each in item.get("entries") or ()),
        )
        for item in plan["changes"]
    ]
    found += [
        DriftedSetting(
            f"{item['resource']}.{item['path']}",
            f"held at {item['allowed_label']}",
            str(item["live_label"]),
            by_whom([author_of(each) for each in item["changed_by"]]),
        )
        for item in plan["held"]
        if item["drift"]
    ]
    undeclared = [(item["drift"], _undeclared(item)) for item in plan.get("unmanaged") or ()]
    found += [each for drift, each in undeclared if drift]
    besides = tuple(each for drift, each in undeclared if not drift)
    open_ = [item for item in plan["findings"] if not item["acknowledged"]]
    told = {
        level: {(item["rule"], str(item["message"])) for item in open_ if item["level"] == level}
        for level in ("error", "warning")
    }
    errors = {found for found in told["error"] if about_state(found[0])}
    warnings = {found for found in told["warning"] if watched(found[0])}
    found.sort(key=lambda each: (each.what, each.live))
    return TenantDrift(
        tenant["id"],
        tenant["name"],
        tuple(found),
        tuple(sorted(errors)),
        "",
        tuple(sorted(warnings)),
        besides,
        tuple(map(_progress, plan.get("rollouts") or ())),
    )


def _progress(rollout: Mapping[str, Json]) -> RolloutProgress:
    waves = rollout["waves"]
    opened = [str(each["name"]) for each in waves if each["state"] == "open"]
    last = opened[-1] if opened else ""
    following = next((each for each in waves if each["state"] != "open"), None)
    if following is None or following["state"] == "opens":  # the apply is still to come
        return RolloutProgress(str(rollout["name"]), last)
    told = following.get("unmet") or ()  # a report of an older release has no keys of needs
    needs = (f"{each['need']}{'' if each['known'] else '?'}" for each in told)
    unmet = tuple(zip(needs, map(str, following["waits_for"]), strict=False))
    due = following["state"] == "due"
    return RolloutProgress(str(rollout["name"]), last, str(following["name"]), due, unmet)


def _undeclared(item: Mapping[str, Json]) -> DriftedSetting:
    return DriftedSetting(
        ".".join(filter(None, (item["title"], item["path"]))),
        str(item["before_label"]),
        str(item["after_label"]),
        by_whom([author_of(each) for each in item["changed_by"]]),
        tuple((each["sign"], str(each["label"])) for each in item.get("entries") or ()),
        undeclared=True,
    )
