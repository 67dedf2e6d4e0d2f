"""What a job on GitHub posts: a comment on a pull request, an issue for each tenant with drift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graphpolicy.commands.approved_plan import DIGEST
from graphpolicy.disk.folders import read_inside
from graphpolicy.disk.json_text import decoded
from graphpolicy.github.look import Look
from graphpolicy.github.sticky import digests, key, of_wrong_files, ours, people
from graphpolicy.github.watch import Issue, memory, step
from graphpolicy.model import Json, Tenant
from graphpolicy.model.errors import UsageError
from graphpolicy.plan.fleet_summary import Fleet, Gathering
from graphpolicy.render.as_json import FORMAT_VERSION, tenant_json

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub


NO_REPORT = "no-report"
"""The code of a tenant that no report has."""
UNREPORTED = {
    "code": NO_REPORT,
    "message": "none of the reports has this tenant",
    "help": "check the job that plans it, and give its report as well",
}


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


def reviewed(hub: Hub, number: int, body: str, author: str) -> str:
    """Markdown that says whether this plan is the one that the pull request was reviewed with.

    Empty if `body` has no plan.
    """
    now = digests(body)
    if not now:
        return ""
    found = ours(hub.comments(number), body, author)
    if not found:
        return f"> [!WARNING]\n> #{number} was reviewed without a plan of this tenant.\n"
    if digests(found[0].body) == now:
        same = f"This is the same plan as reviewed in #{number}"
        then, is_ = (people(text) for text in (found[0].body, body))
        if then == is_:
            return f"{same}.\n"
        numbers = (" and ".join(f"{each:,}" for each in some) or "none" for some in (is_, then))
        return (
            "> [!WARNING]\n> {}, but the waves that it opens have other numbers of people: {} now, "
            "{} then.\n"
        ).format(same, *numbers)
    return (
        f"> [!WARNING]\n> **This is not the plan that was reviewed in #{number}**: the tenant, a "
        "group or the files have changed since. Read this one before you approve it.\n"
    )


def outputs(report: Json, tenant: str | None) -> Mapping[str, str]:
    """The outputs that later steps and jobs need from a report of `plan --format json`, by name.

    Raises:
        UsageError: it does not have exactly one (wanted) tenant, or that could not be planned.
        KeyError, TypeError, ValueError: it is not such a report.
    """
    plans = report["plans"]
    if tenant is not None:
        plans = [each for each in plans if tenant in (each["tenant"]["name"], each["tenant"]["id"])]
    if len(plans) != 1:
        raise UsageError(
            f"the report has {len(plans)} tenants, but outputs are for exactly one",
            "pick it with --tenant, and give each tenant its own job",
        )
    plan = plans[0]
    if "error" in plan:
        text = f"there is no plan for {plan['tenant']['name']}: {plan['error']['message']}"
        raise UsageError(text, "look at the output of the step that plans")
    digest = plan["digest"] or ""
    if digest and not DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is not a digest")
    counts = {name: str(int(plan["summary"][name])) for name in ("changes", "errors", "warnings")}
    return {"digest": digest, **counts, "refused": "true" if plan["refused"] else "false"}


def watch(
    hub: Hub, seen: Sequence[Look], issues: Sequence[Issue], *, label: str, now: str, run: str
) -> Iterator[str]:
    """Open, update or close each tenant's issue; yields a sentence about what was done.

    If a tenant has several issues, the oldest is kept and the others are closed.
    """
    for look in seen:
        own = [issue for issue in issues if _tenant(issue) == look.tenant]
        issue = own[0] if own else None
        todo = step(issue, look, now, run)
        for other in own[1:]:
            if other.open:
                hub.edit_issue(
                    other.number, f"Duplicate of #{own[0].number}", other.body, open_=False
                )
        if todo is None:
            yield f"{look.name}: no drift and no open issue"
        elif issue is None:
            number = hub.open_issue(todo.title, todo.body, label)
            yield f"{look.name}: opened #{number}: {todo.title}"
        else:
            hub.edit_issue(issue.number, todo.title, todo.body, open_=todo.open)
            if todo.comment:
                hub.comment(issue.number, todo.comment)
            did = "brought up to date" if todo.open == issue.open else "reopened"
            yield f"{look.name}: {did if todo.open else 'closed'} #{issue.number}: {todo.title}"


def _tenant(issue: Issue) -> str:
    kept = memory(issue.body)
    return kept.tenant if kept else ""


def fleet_of(
    files: Iterable[str], known: Iterable[Tenant], wanted: Sequence[str] = ()
) -> tuple[Fleet, list[str]]:
    """The page of the tenants in some reports, `.json` or `.jsonl`, and what is wrong with these.

    A `known` tenant that is in none of them counts as failed: its job may have died. `wanted` are
    names or ids of the tenants to show; all are shown if it is empty.
    """

    def left_out(name: str, id_: str) -> bool:
        return bool(wanted) and name not in wanted and id_ not in map(str.lower, wanted)

    gathering, wrong = Gathering(), []
    seen: dict[str, str] = {}
    for file in files:
        twice: dict[str, list[str]] = {}
        found = False
        try:
            for plan in _plans_in(file):
                found, own = True, plan["tenant"]
                if left_out(own["name"], own["id"]):
                    continue
                if own["id"] in seen:
                    twice.setdefault(seen[own["id"]], []).append(own["name"])
                    continue
                gathering.add(plan)
                seen[own["id"]] = file
            if not found:
                wrong.append(
                    f"{file} contains no tenants: the run ended early, or the files have errors"
                )
        except (OSError, ValueError, KeyError, TypeError) as error:
            wrong.append(f"{file} is not a report of plan, drift or apply: {fault(error)}")
        for other, names in twice.items():
            who = names[0] if len(names) == 1 else f"{len(names):,} tenants, such as {names[0]},"
            be = "is" if len(names) == 1 else "are"
            wrong.append(f"{file}: {who} {be} also in {other}, which is used")
    for tenant in known:
        if tenant.id not in seen and not left_out(tenant.name, tenant.id):
            gathering.add({"tenant": tenant_json(tenant), "error": UNREPORTED})
    told = {text for each in gathering.tenants for text in (each.name, each.id)}
    lost = [name for name in wanted if not {name, name.lower()} & told]
    wrong += [f"neither a report nor a policy file is for tenant {name!r}" for name in lost]
    return gathering.fleet, wrong


def report_in(file: str) -> Json:
    """A report that another verb wrote as `.json`, or as `.jsonl` with a line for each tenant.

    Raises:
        OSError, ValueError, KeyError, TypeError: it is not one.
    """
    if file.lower().endswith(".jsonl"):
        return {"plans": [*_plans_in(file)]}
    return decoded(read_inside(file))


def _plans_in(file: str) -> Iterator[Mapping[str, Json]]:
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
