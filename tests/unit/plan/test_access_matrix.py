"""Who may use what, before a plan and after it."""

from __future__ import annotations

from graphpolicy.guards.plan_view import BeforeAfter
from graphpolicy.model import Json, Matrix, Use
from graphpolicy.plan.access_matrix import access
from tests.unit.build import ALL, A, B, group, held, planned

NAMES = {A: "Pilot", B: "Break-glass"}


def matrix(before: Json, after: Json | None = None, kind: str = "Sms") -> Matrix:
    return access(
        [BeforeAfter(kind, kind, kind, before, before if after is None else after)], NAMES
    )


def cells(before: Json, after: Json | None = None) -> dict[str, tuple[Use, Use]]:
    made = matrix(before, after)
    return dict(zip(made.groups, made.rows[0].cells, strict=True))


def on(*include: Json, exclude: tuple[Json, ...] = ()) -> Json:
    return {"state": "enabled", "includeTargets": [*include], "excludeTargets": [*exclude]}


def test_a_group_may_by_itself_or_like_everyone_or_never() -> None:
    assert cells(on(ALL, exclude=(group(B),))) == {
        "everyone": ("yes", "yes"),
        f"Break-glass ({B})": ("excluded", "excluded"),
    }
    assert cells(on(group(A))) == {"everyone": ("no", "no"), f"Pilot ({A})": ("yes", "yes")}
    assert cells(on(ALL, group(A)))[f"Pilot ({A})"] == ("yes", "yes")


def test_an_exclusion_wins() -> None:
    assert cells(on(group(A), exclude=(group(A),)))[f"Pilot ({A})"] == ("excluded", "excluded")


def test_what_is_off_is_for_nobody() -> None:
    off = {**on(ALL, exclude=(group(B),)), "state": "disabled"}
    assert set(cells(off).values()) == {("no", "no")}
    assert cells(off, on(ALL, exclude=(group(B),))) == {
        "everyone": ("no", "yes"),
        f"Break-glass ({B})": ("no", "excluded"),
    }


def test_everyone_comes_first_and_the_rest_by_name() -> None:
    assert matrix(on(group(A), group(B))).groups == (
        "everyone",
        f"Break-glass ({B})",
        f"Pilot ({A})",
    )


def test_a_group_that_one_method_names_is_asked_about_in_all() -> None:
    both = [
        BeforeAfter(kind, kind, kind, who, who)
        for kind, who in (("Sms", on(ALL)), ("Voice", on(group(A))))
    ]
    made = access(both, NAMES)
    assert made.rows[0].cells == (("yes", "yes"), ("everyone", "everyone"))
    assert made.rows[1].cells == (("no", "no"), ("yes", "yes"))


def test_a_plan_has_every_method_of_the_tenant_declared_or_not() -> None:
    live = held(Sms=on(ALL), Voice={**on(ALL), "state": "disabled"})
    made = planned(live, {"Voice": {"state": "enabled"}}).plan.matrix
    rows = {row.title: (row.label, row.cells) for row in made.rows}
    assert rows == {
        "Voice": ("Voice call", (("no", "yes"),)),
        "Sms": ("SMS", (("yes", "yes"),)),
    }
