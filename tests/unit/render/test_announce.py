"""The message and the note in every format: as they look, and with hostile names."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from graphpolicy.announce import announce
from graphpolicy.announce.proposal import of_plan
from graphpolicy.announce.texts import default_texts
from graphpolicy.catalogue.facts import Facts
from graphpolicy.model import Directory, Failure, Tenant
from graphpolicy.render import Style, formats, render
from graphpolicy.render.announce import Announcements, Part
from tests.unit.build import ALL, NOBODY, A, B, C, group, held, planned
from tests.unit.render.hostile import HOSTILE

LIVE = held(
    MicrosoftAuthenticator={
        "state": "enabled",
        "includeTargets": [ALL],
        "featureSettings": {
            name: {"state": "disabled", "includeTarget": ALL, "excludeTarget": NOBODY}
            for name in (
                "numberMatchingRequiredState",
                "displayAppInformationRequiredState",
                "displayLocationInformationRequiredState",
            )
        },
    },
    TemporaryAccessPass={"state": "disabled", "includeTargets": [ALL], "isUsableOnce": False},
    Voice={"state": "enabled", "includeTargets": [ALL], "excludeTargets": [group(C)]},
    External={"state": "enabled", "includeTargets": [group(B)], "appId": A},
)
WANTED: dict[str, Any] = {
    "MicrosoftAuthenticator": {
        "featureSettings": {
            "numberMatchingRequiredState": {"state": "enabled"},
            "displayAppInformationRequiredState": {"state": "enabled"},
            "displayLocationInformationRequiredState": {
                "state": "enabled",
                "includeTarget": group(A),
            },
        }
    },
    "TemporaryAccessPass": {
        "state": "enabled",
        "includeTargets": [group(B)],
        "isUsableOnce": True,
        "maximumLifetimeInMinutes": 480,
    },
    "Voice": {"state": "disabled"},
    "External": {"state": "disabled", "appId": B},
}
NAMES = {A: "SG-MFA-Pilot-P", B: "Helpdesk-assisted users", C: "Break-glass accounts"}


def draft(
    names: dict[str, str], tenant: str = "contoso", date: str = "2026-12-01", **given: Any
) -> Announcements:
    proposal = of_plan(planned(LIVE, WANTED, directory=Directory(names=names)).plan)
    named = replace(proposal, tenant=Tenant(tenant, proposal.tenant.id))
    made = announce(named, default_texts(), Facts.shipped())
    return Announcements((made,), default_texts(), date, **given)


@pytest.mark.parametrize("format_", formats("Announcements"))
def test_as_it_looks(format_: str, snapshot: SnapshotAssertion) -> None:
    assert render(draft(NAMES), format_, Style()) == snapshot


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("format_", formats("Announcements"))
def test_no_format_lets_a_name_do_anything(format_: str, name: str) -> None:
    text = render(draft(dict.fromkeys((A, B, C), name), name), format_, Style())
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    if format_ == "markdown":
        text = re.sub(r"(`+).+?\1(?!`)|\\<", "", text)
        assert "@team" not in text
    if format_ not in ("text", "json"):
        assert "<script" not in text


def test_without_a_day_it_is_soon() -> None:
    text = render(draft(NAMES, date=""), "text", Style())
    assert "\nSoon\n" in text
    assert "20" not in text.partition("The settings behind it")[0]


@pytest.mark.parametrize(("part", "other"), [("message", "note"), ("note", "message")])
def test_one_part_alone(part: Part, other: Part) -> None:
    text = render(draft(NAMES, parts=(part,)), "text", Style())
    assert ("Note for the helpdesk" in text) == (part == "note")
    document = json.loads(render(draft(NAMES, parts=(part,)), "json", Style()))
    assert part in document["announcements"][0]
    assert other not in document["announcements"][0]


def test_json_has_each_sentence_with_its_cause_and_each_tenant_that_failed() -> None:
    failure = Failure(Tenant("fabrikam", "2" * 36), "f.yaml", "refused", "the plan is refused")
    document = json.loads(render(draft(NAMES, failures=(failure,)), "json", Style()))
    made, failed = document["announcements"]
    assert document["format_version"] == "1"
    why = {"code": "refused", "message": "the plan is refused", "help": None}
    assert failed["error"] == why
    assert all("the plan is refused" not in each["message"] for each in document["findings"])
    assert made["date"] == "2026-12-01"
    causes = [cause for s in made["sections"] for one in s["said"] for cause in one["causes"]]
    assert {"resource": "Voice", "path": "state"} in causes
    assert [each["path"] for each in made["unseen"]] == ["appId"]
    assert made["message"].startswith("What changes when you sign in\n")


def test_several_tenants_have_a_message_each() -> None:
    one = draft(NAMES).announcements[0]
    other = replace(one, tenant=Tenant("fabrikam", "2" * 36))
    text = render(Announcements((one, other), default_texts()), "text", Style())
    assert text.count("What changes when you sign in\n") == 2
    assert text.index("Organisation: contoso") < text.index("Organisation: fabrikam")
