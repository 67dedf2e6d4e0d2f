"""A finding about one entry of a list stands where that entry is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from graphpolicy.mock import Mock
from graphpolicy.model import Finding
from graphpolicy.policyfile.load import load
from tests.laws import mock_tenant

TENANT = "tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}\n"
METHODS = "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
GONE = "0d1c2b3a-0000-4000-8000-0000000000ff"
ANY = "passkeyTypes: [deviceBound, synced], attestationEnforcement: disabled"
OPEN = "keyRestrictions: {isEnforced: false, enforcementType: block, aaGuids: []}"
NONE = "keyRestrictions: {isEnforced: true, enforcementType: allow, aaGuids: []}"

BASE = """\
    Voice:
      state: enabled
      includeTargets:
        - group: Contractors
        - group: Factory floor
        - group: Finance
"""

Case = tuple[str, str, str]

OFFLINE: dict[str, Case] = {
    "a group that is excluded too": (
        "included-and-excluded",
        "",
        """\
    Voice:
      includeTargets:
        - group: Finance
        - group: Testers
      excludeTargets:
        - group: Operators
        - group: Testers  # here
        - group: Staff
""",
    ),
    "a group of the base that the file's own exclusion has": (
        "included-and-excluded",
        BASE,
        """\
    Voice:
      excludeTargets: [
        {group: Testers},
        {group: Finance}]  # here
""",
    ),
    "a single user beside groups": (
        "user-target",
        "",
        f"""\
    Voice:
      includeTargets:
        - group: Finance
        - {{id: {GONE}, targetType: user}}  # here
""",
    ),
    "a user that is added to a base's list": (
        "user-target",
        BASE,
        f"""\
    Voice:
      includeTargets:
        remove: [{{group: Finance}}, {{group: Contractors}}]
        add:
          - group: Testers
          - {{id: {GONE}, targetType: user}}  # here
""",
    ),
    "a user of the base, in a list that the file alters": (
        "user-target",
        BASE + f"        - {{id: {GONE}, targetType: user}}  # here\n",
        "    Voice: {includeTargets: {remove: [{group: Factory floor}], add: [{group: Staff}]}}\n",
    ),
    "the second of two bindings": (
        "binding-priority",
        "",
        """\
    X509Certificate:
      certificateUserBindings:
        - {x509CertificateField: PrincipalName, userProperty: userPrincipalName, priority: 1}
        - {x509CertificateField: RFC822Name, userProperty: userPrincipalName, priority: 2}
        - {x509CertificateField: SubjectKeyIdentifier, userProperty: onPremisesUserPrincipalName, priority: 2}  # here
""",  # noqa: E501
    ),
    "a profile of the base that the file completes": (
        "passkey-synced-attestation",
        f"    Fido2:\n      passkeyProfiles:\n        One: {{{ANY}}}\n        Two: {{{ANY}}}\n",
        """\
    Fido2:
      passkeyProfiles:
        Three: {passkeyTypes: [synced]}
        Two: {attestationEnforcement: registrationOnly}  # here
""",
    ),
    "a profile of the base beside one of the file": (
        "passkey-synced-attestation",
        """\
    Fido2:
      passkeyProfiles:
        One: {passkeyTypes: [synced], attestationEnforcement: registrationOnly}  # here
""",
        f"    Fido2: {{passkeyProfiles: {{Two: {{{ANY}}}}}}}\n",
    ),
    "a profile that blocks every key": (
        "empty-allow-list",
        "",
        f"""\
    Fido2:
      state: enabled
      passkeyProfiles:
        One: {{{ANY}, {OPEN}}}
        Two: {{{ANY}, {NONE}}}  # here
""",
    ),
    "a group whose strict profile another one bypasses": (
        "passkey-profile-bypassed",
        "",
        f"""\
    Fido2:
      state: enabled
      passkeyProfiles:
        One: {{{ANY}, {OPEN}}}
        Two: {{passkeyTypes: [deviceBound], attestationEnforcement: disabled, {OPEN}}}
      includeTargets:
        - {{group: all_users, allowedPasskeyProfiles: [One]}}
        - {{group: Operators, allowedPasskeyProfiles: [Two]}}  # here
""",
    ),
}

IN_A_PLAN: dict[str, Case] = {
    "a group that no longer exists": (
        "dangling-target",
        "",
        f"""\
    MicrosoftAuthenticator:
      excludeTargets:
        - group: Break-glass accounts
        - id: {GONE}  # here
        - group: Factory floor
""",
    ),
    "what is new and incomplete": (
        "incomplete-entry",
        "",
        """\
    X509Certificate:
      authenticationModeConfiguration:
        rules:
          - x509CertificateRuleType: policyOID
            identifier: 1.2.3.4
            x509CertificateAuthenticationMode: x509CertificateMultiFactor
          - x509CertificateRuleType: policyOID  # here
            identifier: 1.2.3.5
""",
    ),
    "a group that an exclusion takes in": (
        "inclusion-shrinks",
        "",
        """\
    MicrosoftAuthenticator:
      excludeTargets:
        - group: Factory floor  # here
""",
    ),
    "two groups that an exclusion takes in": (
        "inclusion-shrinks",
        "",
        """\
    MicrosoftAuthenticator:
      excludeTargets:  # here
        - group: Factory floor
        - group: Finance
""",
    ),
    "a profile that blocks every key": (
        "empty-allow-list",
        f"    Fido2: {{state: enabled, passkeyProfiles: {{One: {{{ANY}, {OPEN}}}}}}}\n",
        f"    Fido2:\n      passkeyProfiles:\n        Two: {{{ANY}, {NONE}}}  # here\n",
    ),
}


def marked(folder: Path, case: Case) -> tuple[Path, str, set[tuple[str, int]]]:
    """The files of a case, its rule, and the line that is marked in them."""
    rule, base, own = case
    texts = {
        "base.yaml": "version: 1\n" + (METHODS + base if base else ""),
        "policy.yaml": f"version: 1\nextends: [base.yaml]\n{TENANT}{METHODS}{own}",
    }
    here = set()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        lines = text.splitlines()
        here |= {(name, number) for number, line in enumerate(lines, 1) if "# here" in line}
    return folder / "policy.yaml", rule, here


def places(findings: Iterable[Finding], rule: str) -> set[tuple[str, int]]:
    return {
        (Path(found.source.file).name, found.source.line) if found.source else ("", 0)
        for found in findings
        if found.rule == rule
    }


@pytest.mark.parametrize("case", OFFLINE.values(), ids=OFFLINE.keys())
def test_an_entry_has_its_place_in_what_a_file_is_told(case: Case, tmp_path: Path) -> None:
    path, rule, here = marked(tmp_path, case)
    assert places(load([str(path)], today="2026-11-24").findings, rule) == here


@pytest.mark.parametrize("case", IN_A_PLAN.values(), ids=IN_A_PLAN.keys())
def test_an_entry_has_its_place_in_a_plan(case: Case, tmp_path: Path) -> None:
    path, rule, here = marked(tmp_path, case)
    (policy,) = load([str(path)]).desired
    assert places(mock_tenant.plan(Mock(), policy).plan.findings, rule) == here
