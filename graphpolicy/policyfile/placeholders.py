"""What `init` writes for answers that it did not get: files validate, but are not planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.model import Desired, Finding
from graphpolicy.model.tree import walk
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.strict_yaml import Document

RULE = "placeholder-left"
TENANT_ID = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
"""The example of a tenant id on Microsoft's pages: no tenant has it."""
PILOT = "REPLACE-WITH-PILOT-GROUP"
ASSISTED = "REPLACE-WITH-HELPDESK-ASSISTED-GROUP"
EMERGENCY = "REPLACE-WITH-EMERGENCY-ACCESS-GROUP"

PLACEHOLDERS: Mapping[str, str] = {
    TENANT_ID: "the tenant's directory id, as `az account show --query tenantId` prints it",
    PILOT: "the name of the group that tries changes first",
    ASSISTED: "the name of the group whose members the helpdesk may give a pass",
    EMERGENCY: "the name of the group with your break-glass accounts, or write "
    "emergencyAccess: {none: REASON}",
}
"""Each placeholder, and what to enter instead."""


def placeholders(document: Document) -> Iterator[Finding]:
    """A warning for each placeholder that a file still has."""
    for pointer, value in walk(document.data):
        if not isinstance(value, str):
            continue
        if wanted := PLACEHOLDERS.get(value.lower() if value.lower() == TENANT_ID else value):
            message = f"{value} is still a placeholder"
            found = finding(document, pointer, RULE, message, f"enter {wanted}")
            yield replace(found, level="warning")


def refusing(findings: Iterable[Finding], chosen: Iterable[Desired]) -> Iterator[Finding]:
    """The findings, where a placeholder in a file of the chosen policies is an error."""
    files = {file for desired in chosen for file in (desired.file, *desired.bases)}
    for found in findings:
        left = found.rule == RULE and found.source is not None and found.source.file in files
        yield replace(found, level="error") if left else found
