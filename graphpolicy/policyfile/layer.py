"""One file of a policy: what it says by itself."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.model import Declared, Finding, Json
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.strict_yaml import Document


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says. `data` is the sound part of it; `resources` may hold placeholders."""

    document: Document
    data: Mapping[str, Json]
    resources: tuple[Declared, ...]
    findings: tuple[Finding, ...]

    @property
    def file(self) -> str:
        return self.document.file

    @property
    def sound(self) -> bool:
        return not any(found.level == "error" for found in self.findings)

    @property
    def deployable(self) -> bool:
        """Whether it is for a tenant, and not a base to extend."""
        return isinstance(self.document.data, dict) and "tenant" in self.document.data

    @property
    def lost_bases(self) -> bool:
        """Whether it means to extend files that are not written as they should be."""
        data = self.document.data
        return isinstance(data, dict) and data.get("extends", []) != self.data.get("extends", [])

    @property
    def is_policy(self) -> bool:
        """Whether the file is meant as a policy at all; of another file nothing may be quoted."""
        return isinstance(self.document.data, dict) and "version" in self.document.data
