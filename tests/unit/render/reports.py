"""Reports for the tests of formats."""

from __future__ import annotations

from typing import Any

from graphpolicy.model import (
    Access,
    Audience,
    Author,
    Bound,
    Change,
    ChangeImpact,
    Counted,
    Failure,
    Finding,
    GroupSize,
    Held,
    Matrix,
    Notice,
    Numbers,
    Origin,
    Place,
    Plan,
    Result,
    Scope,
    Tenant,
    Unread,
)
from graphpolicy.plan.verdict import Report

TENANT = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
DIGEST = f"sha256:{'0f' * 32}"
READ = "2026-11-24 05:17 UTC"
COMMIT = "1a2b3c4d5e6f" + "0" * 28


def plan(**members: Any) -> Plan:
    """A plan with nothing but the given parts."""
    empty: dict[str, Any] = {
        "tenant": TENANT,
        "file": "policies/contoso.yaml",
        "changes": (),
        "findings": (),
        "requests": (),
        "unmodelled": (),
        "versions": ("v1.0",),
        "digest": DIGEST,
        "bound": Bound(TENANT.id, "global", (), ()),
        "observed": {},
        "compared": 1,
    }
    return Plan(**{**empty, **members})


def impact(name: str) -> Counted:
    """Everything that can be said about people, with `name` for every text of the tenant."""
    many = Numbers(61_204, 40, 31_002, 3, 14, 1_200, 25, 9, 6, 2_000, 1, 4)
    return Counted(
        many,
        guests=Numbers(people=900, lose=12, without_mfa=3),
        admins=Numbers(people=12, lose=2, without_mfa=2),
        emergency=Numbers(people=2, lose=1, without_mfa=1),
        changes=(
            ChangeImpact(name, "state", 0, 31_002, 14, 60_000),
            ChangeImpact("Fido2", "includeTargets", 40, 0, 0, 120, 80),
            ChangeImpact("authenticationMethodsPolicy", "reconfirmationInDays", 0, 0, 0, 0),
            ChangeImpact("Email", "excludeTargets", 0, 0, 0, None, None),
        ),
        groups=(
            GroupSize("a", name, 1_120, dynamic=True, synchronised=True),
            GroupSize("b", "Nobody here", 0),
            GroupSize("c", "Secret", None),
            GroupSize(name, "", None, gone=True),
        ),
        models=((name, 12), ("ee882879", 1)),
        unused=7,
        strange=((name, 2),),
        as_of="2026-11-29T03:00:00Z",
        unread=(Unread(name, "grant GroupMember.Read.All"),),
        notes=(Unread("when people last used their methods could not be read", name),),
    )


def report(name: str) -> Report:
    """A report in which every text that can come from outside is `name`."""
    place = Place(name, 3, 5)
    change = Change(
        resource=name,
        path="includeTargets",
        before=[],
        after=[{"id": "all_users", "targetType": "group"}],
        before_label=name,
        after_label=name,
        api="v1.0",
        source=place,
        audience=Audience((name,), (name,), managed=True),
        title=name,
        label="Include",
        entries=(("+", name), ("-", name), ("~", name), (" ", name)),
        changed_by=(
            Author("user", name, name, name, "203.0.113.7", name, name, name),
            Author("microsoft", name, why=name, notice=Notice(name, name, name)),
        ),
    )
    single = Change(name, "state", name, name, name, name, "v1.0", place, title=name)
    made = plan(
        tenant=Tenant(name, TENANT.id),
        file=name,
        changes=(change, single),
        findings=(
            Finding("inclusion-widens", "warning", name, name, name, "x", place),
            Finding("inclusion-shrinks", "error", name, name, name, "x", None, None, name),
            Finding("group-renamed", "note", name, name, name, "x", place),
        ),
        unmodelled=(name,),
        observed={name: {"v1.0": {name: name}}},
        held=(
            Held(
                *(name, name, "state", name, name, name, name, True),
                Scope(name, (), *(name,) * 3),
                (Author("user", name, name, name, "203.0.113.7", name),),
            ),
        ),
        matrix=Matrix((name,), (Access(name, name, (("yes", "no"),)),)),
        impact=impact(name),
    )
    results = (Result(name, ("includeTargets",), "failed", name, name, 1, name),)
    failure = Failure(Tenant(name, TENANT.id), name, name, name, name, details=(name,))
    wrong = (Finding("bad-value", "error", name, name, name, name, place),)
    origin = Origin(
        COMMIT, "https://github.com/contoso/entra/actions/runs/7", "2026-11-24 05:17 UTC"
    )
    return Report("apply", (made, failure), {TENANT.id: results}, wrong, origin)


def state(title: str, before: str, after: str, line: int) -> Change:
    place = Place("policies/contoso.yaml", line, 7)
    reach = Audience(("everyone (all_users)",), (), managed=False)
    return Change(
        title,
        "state",
        before,
        after,
        before,
        after,
        "v1.0",
        place,
        reach,
        title=title,
        label="Enable",
    )


def weak_plan(**members: Any) -> Plan:
    """A plan with a warning, two changes and who may use what."""
    helpdesk = "Helpdesk-assisted users (0d1c2b3a-0000-4000-8000-000000000003)"
    given: dict[str, Any] = {
        "changes": (
            state("TemporaryAccessPass", "disabled", "enabled", 14),
            state("Voice", "enabled", "disabled", 20),
        ),
        "findings": (
            Finding("group-renamed", "note", "a group is called otherwise"),
            Finding(
                "inclusion-widens",
                "warning",
                "TemporaryAccessPass would also include everyone",
                "make sure that all of them are meant",
                "TemporaryAccessPass",
                "state",
            ),
        ),
        "observed": {"TemporaryAccessPass": {"v1.0": {"isUsableOnce": True}}},
        "matrix": Matrix(
            ("everyone", helpdesk),
            (
                Access("TemporaryAccessPass", "Passes", (("no", "no"), ("no", "yes"))),
                Access("Voice", "Voice call", (("yes", "no"), ("everyone", "no"))),
                Access("Sms", "SMS", (("yes", "yes"), ("excluded", "excluded"))),
            ),
        ),
    }
    return plan(**{**given, **members})
