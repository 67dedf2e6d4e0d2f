"""Facts that Microsoft changes: the shipped rows are whole, and which of them counts where."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import Fact, Facts, Limit, ManagedValue, Retirement, Rewriting
from graphpolicy.catalogue.kinds import Enum
from tests.every import every
from tests.unit.catalogue.test_catalogue import rows

SHIPPED = Facts.shipped()
EVERY: tuple[Fact, ...] = (
    *SHIPPED.managed_values,
    *SHIPPED.limits,
    *SHIPPED.retirements,
    *SHIPPED.rewritings,
    *SHIPPED.gaps,
)
PATHS = {(r.id, path): row for r in RESOURCES.values() for path, row in rows(r)}

SOURCES = (
    "https://learn.microsoft.com/",
    "https://mc.merill.net/message/MC",
    "https://github.com/microsoftgraph/msgraph-metadata",
)
"""Microsoft's own pages and metadata, and the public copy of its message centre."""


NAMES = [f"{'.'.join(fact.key)} {fact.status}" for fact in EVERY]


@every("fact", EVERY, ids=NAMES)
def test_a_shipped_row_is_dated_and_has_a_source(fact: Fact) -> None:
    day = r"20\d\d-(0[1-9]|1[0-2])(-\d\d)?"
    assert re.fullmatch(day, fact.as_of)
    assert re.fullmatch(day, fact.since) or not fact.since
    assert fact.as_of[:7] <= SHIPPED.as_of
    assert fact.status in ("announced", "rolling", "complete", "withdrawn")
    assert (fact.status != "announced") or fact.since > SHIPPED.as_of
    assert fact.source.startswith(SOURCES)


@every("fact", EVERY, ids=NAMES)
def test_a_shipped_row_is_about_something_in_the_catalogue(fact: Any) -> None:
    setting = getattr(fact, "setting", "")
    assert (fact.resource, setting) in PATHS or (fact.resource in RESOURCES and not setting)


def test_two_shipped_rows_about_one_thing_have_come_differently_far() -> None:
    seen = Counter((type(fact), fact.key, fact.cloud, fact.status) for fact in EVERY)
    assert [row for row, times in seen.items() if times > 1] == []


def test_every_setting_that_microsoft_can_manage_has_a_meaning_and_no_other() -> None:
    can = {
        at
        for at, row in PATHS.items()
        if isinstance(row.kind, Enum) and "default" in row.kind.members
    }
    known = {fact.key for fact in SHIPPED.managed_values}
    assert can == known, "catalogue/facts.json"
    assert all(SHIPPED.managed_value(*at).now for at in can)


def test_the_limits_that_rules_judge_by() -> None:
    assert {fact.name for fact in SHIPPED.limits} == {
        "policy-size",
        "passkey-size",
        "passkey-profiles",
        "system-preferred-groups",
    }
    profiles = SHIPPED.limit("passkey-profiles")
    assert profiles.now is not None
    assert (profiles.now.value, [row.value for row in profiles.coming]) == (10, [])


def test_what_is_announced_for_one_cloud_says_nothing_of_another() -> None:
    [announced] = SHIPPED.retirement("Sms").coming
    assert announced.since == "2027-02-01"
    assert SHIPPED.retirement("Sms", cloud="usgov").rows == ()


def limit(value: int, status: str = "complete", **more: Any) -> Limit:
    about: Any = {"name": "n", "resource": "R", "about": "A.", "unit": "x", "status": status}
    return Limit(
        value=value, as_of="2026-01", source="https://learn.microsoft.com/x", **about, **more
    )


STANDINGS: dict[str, tuple[tuple[Limit, ...], int | None, list[int]]] = {
    "nothing": ((), None, []),
    "a row for every cloud": ((limit(1),), 1, []),
    "a row of the cloud before one for every cloud": ((limit(1), limit(2, cloud="usgov")), 2, []),
    "a row of another cloud": ((limit(1), limit(2, cloud="china")), 1, []),
    "one that holds and one to come": ((limit(1), limit(2, "rolling")), 1, [2]),
    "one to come alone": ((limit(2, "announced"),), None, [2]),
    "one withdrawn": ((limit(1, "withdrawn"),), None, []),
    "one withdrawn in the cloud alone": (
        (limit(1), limit(1, "withdrawn", cloud="usgov")),
        None,
        [],
    ),
}


@pytest.mark.parametrize("case", STANDINGS.values(), ids=STANDINGS.keys())
def test_which_row_holds(case: tuple[tuple[Limit, ...], int | None, list[int]]) -> None:
    own, now, coming = case
    found = Facts("2026-01-01", limits=own).limit("n", "usgov")
    assert (found.now and found.now.value) == now
    assert [row.value for row in found.coming] == coming
    assert Facts("2026-01-01", limits=own).limit("other", "usgov").rows == ()


def test_a_users_row_takes_the_place_of_all_shipped_rows_about_its_thing() -> None:
    shipped = Facts("2026-01-01", limits=(limit(3), limit(10, "rolling"), limit(5, cloud="china")))
    own = shipped.overridden(Facts("", limits=(limit(20),)))
    assert [row.value for row in own.limit("n").rows] == [20]
    assert [row.value for row in own.limit("n", "china").rows] == [5]
    assert own.as_of == "2026-01-01"
    assert shipped.overridden(Facts("2026-06-01")).as_of == "2026-06-01"


def test_every_table_can_be_overridden() -> None:
    rest: Any = {
        "status": "withdrawn",
        "as_of": "2026-12",
        "source": "https://learn.microsoft.com/x",
    }
    own = SHIPPED.overridden(
        Facts(
            "",
            (
                ManagedValue(
                    resource="Email", setting="allowExternalIdToUseEmailOtp", means="off", **rest
                ),
            ),
            (
                Limit(
                    name="policy-size",
                    resource="authenticationMethodsPolicy",
                    about="A.",
                    value=1,
                    unit="bytes",
                    **rest,
                ),
            ),
            (Retirement(resource="Sms", about="A.", instead="B.", cloud="global", **rest),),
            (Rewriting(resource="Fido2", setting="state", about="A.", cloud="global", **rest),),
        )
    )
    assert own.managed_value("Email", "allowExternalIdToUseEmailOtp").rows == ()
    assert own.limit("policy-size").rows == ()
    assert own.retirement("Sms").rows == ()
    assert own.retirement("Voice").rows
    assert own.rewriting("Fido2", "state").rows == ()
    assert own.rewriting("Fido2", "includeTargets").rows


def test_a_rewriting_gives_a_value_that_the_setting_takes_and_an_opt_out_that_exists() -> None:
    for fact in SHIPPED.rewritings:
        kind = PATHS[fact.resource, fact.setting].kind
        assert not fact.becomes or (isinstance(kind, Enum) and fact.becomes in kind.members)
        assert ("authenticationMethodsPolicy", fact.unless) in PATHS


def test_the_shipped_file_is_what_is_read_from_it() -> None:
    """Nothing of a row is lost when it is read."""
    again = Facts.of(asdict(SHIPPED))
    assert again == SHIPPED
