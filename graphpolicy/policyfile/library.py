"""Policy files, each read and checked once by itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import field, replace
from pathlib import Path as FilePath

from graphpolicy.model import NOBODY, Finding, Json, Place, Tenant
from graphpolicy.model.command import command
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile import schema_check
from graphpolicy.policyfile.declarations import declare
from graphpolicy.policyfile.emergency_and_helpdesk import (
    broken_emergency_access,
    broken_helpdesk_rules,
)
from graphpolicy.policyfile.files import SUFFIXES, read_bytes
from graphpolicy.policyfile.graph_answers import is_raw
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.schema_keys import TENANT_NAME
from graphpolicy.policyfile.strict_yaml import Document, parse
from graphpolicy.policyfile.wording import shown
from graphpolicy.rules.table import RULES


def layer(document: Document) -> Layer:
    """Check one document by itself. A document that is not a policy is never quoted."""
    if document.data is None:
        return Layer(document, {}, (), unquoted(document.findings))
    if is_raw(document.data):
        return Layer(document, {}, (), (pasted(document.file),))
    checked = schema_check.check(document)
    resources, problems = declare(document, checked.data)
    emergency = broken_emergency_access(document, checked.data.get("emergencyAccess"))
    house = broken_helpdesk_rules(document, checked.data.get("helpdesk"))
    findings = (*checked.findings, *problems, *emergency, *house)
    result = Layer(document, checked.data, resources, findings)
    return result if result.is_policy else Layer(document, {}, (), unquoted(checked.findings))


def pasted(file: str) -> Finding:
    """The finding about an answer of Graph in place of a policy file."""
    message = "this is an answer of Microsoft Graph, not a policy file"
    fix = f"{command('pull', '--from', file, '-o', 'NEW.yaml')} turns it into a policy file"
    return Finding("unknown-setting", "error", message, fix, source=Place(file, 1, 1))


def tenant_of(top: Layer) -> tuple[Tenant | None, list[Finding]]:
    """The tenant that a file is for, or None with what is wrong in its tenant block."""
    data: Json = top.data.get("tenant")
    document = top.document
    if not isinstance(data, dict) or "id" not in data:
        return None, []
    if "cloud" in document.data["tenant"] and "cloud" not in data:  # it has a finding already
        return None, []
    id_ = data["id"].lower()
    if id_ == NOBODY:
        message = "tenant.id is all zeros, which is not a tenant"
        fix = "write the tenant's directory id"
        return None, [finding(document, ("tenant", "id"), "bad-value", message, fix)]
    name = data.get("name", FilePath(document.file).stem)
    if not re.fullmatch(TENANT_NAME, name):
        message = f"the file's name {shown(name)} can't serve as the tenant's short name"
        fix = "add a name to the tenant block, as in name: contoso"
        return None, [finding(document, ("tenant",), "tenant-name", message, fix, at_key=True)]
    return Tenant(name, id_, data.get("cloud", "global"), data.get("ring")), []


QUOTE_NOTHING = frozenset(
    {"yaml-syntax", "yaml-empty", "yaml-encoding", "yaml-character", "yaml-documents", "yaml-depth"}
)
HELP_BY_OUR_WORDS = frozenset(
    {"unknown-setting", "unknown-method", "duplicate-setting", "out-of-range", "bad-value"}
    | {"missing-key"}
)
ABOUT_THE_ROOT = frozenset({"missing-key", "wrong-type"})


def unquoted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that quote nothing of the file: message and help come from the rule instead.

    A pull request can name any file on the machine, so its content must not appear in messages.
    """
    return tuple(
        found
        if found.rule in QUOTE_NOTHING
        or (found.rule in ABOUT_THE_ROOT and not (found.resource or found.path))
        else replace(
            found,
            message=_decapitalized(RULES[found.rule].title),
            help=_help(found),
            resource="",
            path="",
        )
        for found in findings
    )


def _help(found: Finding) -> str:
    if found.rule in HELP_BY_OUR_WORDS:
        return found.help
    if RULES[found.rule].kind == "yaml":
        return _decapitalized(RULES[found.rule].fix).rstrip(".")
    return "start the file with 'version: 1' to see what is wrong"


def _decapitalized(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


@dataclass
class Library:
    """The files that were read, each once, even if several files extend it."""

    layers: dict[str, Layer] = field(default_factory=dict)
    """By the file's real path."""
    listed: dict[str, list[str]] = field(default_factory=dict)
    """The names of the policy files, by folder."""

    def read(self, file: str) -> Layer:
        """The layer of a file. If the file can't be read, its findings say why."""
        real = os.path.realpath(file)
        if real not in self.layers:
            raw = read_bytes(file)
            self.layers[real] = (
                Layer(Document(file, None, {}, {}, ()), {}, (), (raw,))
                if isinstance(raw, Finding)
                else layer(parse(raw, file))
            )
        return self.layers[real]

    def beside(self, file: str) -> list[str]:
        """The names of the policy files in a file's folder; the file itself may not exist."""
        folder = os.path.dirname(file)  # noqa: PTH120
        if folder not in self.listed:
            try:
                found = os.listdir(folder)  # noqa: PTH208
            except OSError:
                found = []
            self.listed[folder] = [
                name for name in found if FilePath(name).suffix.lower() in SUFFIXES
            ]
        return self.listed[folder]
