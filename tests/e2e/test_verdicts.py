"""A plan is never green if what the files ask for is not in force in the tenant."""

from __future__ import annotations

import json

import pytest

from graphpolicy.mock import Mock
from tests.shell import Shell, policy

pytestmark = pytest.mark.e2e

DUO = "External:\n  Duo: {state: enabled}"
LOCATION = (
    "MicrosoftAuthenticator:\n  featureSettings:\n"
    "    displayLocationInformationRequiredState: {state: enabled}"
)
LESS = "MicrosoftAuthenticator:\n  featureSettings: {numberMatchingRequiredState: disabled}"
CONFIGURATIONS = "authenticationMethodConfigurations"
DUO_ID = "d0500000-0000-4000-8000-000000000001"


def spoil(mock: Mock, how: str) -> None:
    """Remove something from the tenant, or give it another name."""
    document = mock.policy("beta")
    items = document[CONFIGURATIONS]
    gone = {"deleted": [DUO_ID], "a method is gone": ["Voice"]}.get(how, [])
    if how == "every method is gone":
        gone = [item["id"] for item in items]
    for item in items:
        if how == "renamed" and item["id"] == DUO_ID:
            item["displayName"] = "Duo Security"
        if how == "features":
            item.pop("featureSettings", None)
    document[CONFIGURATIONS] = [item for item in items if item["id"] not in gone]
    mock.load({"policy": document})


ASKED = {
    "deleted": DUO,
    "renamed": DUO,
    "a method is gone": "Voice: {state: enabled}",
    "every method is gone": "Sms: {state: enabled}",
    "features": LOCATION,
    "number matching": LESS,
}


@pytest.mark.parametrize("how", ASKED)
def test_an_error_about_a_state_refuses_and_is_drift(how: str, shell: Shell, mock: Mock) -> None:
    """In every other case also beside a change that could be planned."""
    beside = "\nEmail: {state: disabled}" if list(ASKED).index(how) % 2 else ""
    rule = "number-matching-enforced" if how == "number matching" else "not-offered"
    spoil(mock, how)
    shell.write(policy(ASKED[how] + beside))
    for verb, code in (("plan", 6), ("drift", 2)):
        done = shell(verb, "-o", f"{verb}.json", "-o", f"{verb}.md", "-o", f"{verb}.html")
        assert done.code == code, done.text
        [found] = json.loads((shell.folder / f"{verb}.json").read_text("utf-8"))["plans"]
        assert rule in [each["rule"] for each in found["findings"] if each["level"] == "error"]
        assert found["digest"] is None
        for suffix in ("md", "html"):
            text = (shell.folder / f"{verb}.{suffix}").read_text("utf-8").lower()
            assert "no changes" not in text
            assert "✅" not in text
            assert 'class="verdict good"' not in text
    assert shell("apply", "--auto-approve").code == 6
    assert not any(request.method == "PATCH" for request in mock.requests)


def test_an_error_about_a_state_is_accepted_until_its_day(shell: Shell, mock: Mock) -> None:
    entry = "acknowledge: [{rule: not-offered, reason: CHG1, owner: ana, expires: %s}]\n"
    spoil(mock, "deleted")
    shell.write(policy(DUO) + entry % "2099-12-31")
    assert [shell(verb).code for verb in ("plan", "drift")] == [0, 0]
    assert shell("apply", "--auto-approve").code == 0
    shell.write(policy(DUO) + entry % "2020-12-31")
    assert [shell(verb).code for verb in ("plan", "drift")] == [6, 2]


def test_emergency_access_of_no_use_refuses_no_apply_and_no_report_says_so(
    shell: Shell, mock: Mock
) -> None:
    mock.portal("Fido2", {"state": "disabled"}, actor="ana@contoso.com")
    accounts = "emergencyAccess: [{user: bg-01@contoso.com}]\n"
    shell.write(accounts + policy("TemporaryAccessPass: {defaultLength: 12}"))
    drift = shell("drift", "-o", "drift.json", "-o", "drift.md", "-o", "drift.html")
    [found] = json.loads((shell.folder / "drift.json").read_text("utf-8"))["plans"]
    errors = [each["rule"] for each in found["findings"] if each["level"] == "error"]
    assert (drift.code, errors) == (2, ["emergency-unhealthy"])
    assert (found["refused"], found["undoing_refused"]) == (True, False)
    written = [(shell.folder / f"drift.{suffix}").read_text("utf-8") for suffix in ("md", "html")]
    assert [text for text in (drift.text, *written) if "would be refused" in text] == []
    assert shell("apply", "--auto-approve").code == 0


def test_a_drift_tells_its_own_verdict_from_that_of_undoing_it(shell: Shell, mock: Mock) -> None:
    """Somebody switched a weak method off, which a guard would not let the file switch on again."""
    mock.portal("Sms", {"state": "disabled"}, actor="ana@contoso.com")
    shell.write(policy("Sms: {state: enabled}"))
    assert shell("plan").code == 6
    done = shell("drift", "-o", "drift.json", "-o", "drift.html", "-o", "drift.md")
    assert done.code == 2, done.text
    [found] = json.loads((shell.folder / "drift.json").read_text("utf-8"))["plans"]
    assert (found["refused"], found["undoing_refused"], found["digest"]) == (False, True, None)
    assert found["summary"]["errors"] == 0
    for name in ("drift.html", "drift.md"):
        text = (shell.folder / name).read_text("utf-8")
        assert "<figure>" not in text
    applied = shell("apply", "drift.json", "--auto-approve")
    assert (applied.code, "weak-method-enabled" in applied.err) == (6, True)
    mock.portal("Sms", {"state": "enabled"}, actor="ana@contoso.com")
    spoil(mock, "deleted")
    shell.write(policy(DUO))
    assert shell("drift", "-o", "state.json").code == 2
    [found] = json.loads((shell.folder / "state.json").read_text("utf-8"))["plans"]
    assert found["refused"] is True


def test_a_drift_draws_no_prompts_of_the_apply_that_would_undo_it(shell: Shell) -> None:
    shell.write(policy(LOCATION))
    for verb, drawn in (("plan", True), ("drift", False)):
        shell(verb, "-o", f"{verb}.html")
        page = (shell.folder / f"{verb}.html").read_text("utf-8")
        assert ("<figure>" in page) == drawn
