"""What `init` writes where nobody answered: it validates, and nothing is planned with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.model import Desired, Finding
from graphpolicy.model.tree import walk
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.strict_yaml import Document

RULE = "placeholder-left"
TENANT_ID = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
"""The id that Microsoft's pages show in place of a tenant's: no tenant has it."""
PILOT = "REPLACE-WITH-PILOT-GROUP"
ASSISTED = "REPLACE-WITH-HELPDESK-ASSISTED-GROUP"
EMERGENCY = "REPLACE-WITH-EMERGENCY-ACCESS-GROUP"

PLACEHOLDERS: Mapping[str, str] = {
    TENANT_ID: "the tenant's directory id, as `az account show --query tenantId` prints it",
    PILOT: "the name of the group that tries changes first",
    ASSISTED: "the name of the group whose members the helpdesk may give a pass",
    EMERGENCY: "the name of the group of accounts that must get in when all else fails, or write "
    "emergencyAccess: {none: REASON}",
}
"""Each placeholder, and what belongs there."""


def placeholders(document: Document) -> Iterator[Finding]:
    """Where a file still has one: a warning, for the file says nothing wrong by itself."""
    for pointer, value in walk(document.data):
        if not isinstance(value, str):
            continue
        if wanted := PLACEHOLDERS.get(value.lower() if value.lower() == TENANT_ID else value):
            message = f"{value} is a placeholder, and stands for nobody"
            found = finding(document, pointer, RULE, message, f"put here {wanted}")
            yield replace(found, level="warning")


def refusing(findings: Iterable[Finding], chosen: Iterable[Desired]) -> Iterator[Finding]:
    """The findings, with what a placeholder in a file of the chosen policies means: an error."""
    files = {file for desired in chosen for file in (desired.file, *desired.bases)}
    for found in findings:
        left = found.rule == RULE and found.source is not None and found.source.file in files
        yield replace(found, level="error") if left else found
