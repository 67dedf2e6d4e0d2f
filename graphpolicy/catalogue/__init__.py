"""Every resource, property and type, as rows. Adding a method or another kind is adding a table.

The rows follow Microsoft's own declarations (the generated SDK models of v1.0 and beta), and
`tests/contract/` compares them.
"""

from __future__ import annotations

from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.fido2 import FIDO2
from graphpolicy.catalogue.kinds import Resource
from graphpolicy.catalogue.policy import AUTHENTICATION_METHODS_POLICY
from graphpolicy.catalogue.simple_methods import (
    EMAIL,
    EXTERNAL,
    HARDWARE_OATH,
    QR_CODE_PIN,
    SMS,
    SOFTWARE_OATH,
    TEMPORARY_ACCESS_PASS,
    VERIFIABLE_CREDENTIALS,
    VOICE,
)
from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH
from graphpolicy.catalogue.x509 import X509_CERTIFICATE

METHODS: tuple[Resource, ...] = (
    AUTHENTICATOR,
    TEMPORARY_ACCESS_PASS,
    FIDO2,
    SMS,
    VOICE,
    EMAIL,
    SOFTWARE_OATH,
    HARDWARE_OATH,
    X509_CERTIFICATE,
    QR_CODE_PIN,
    VERIFIABLE_CREDENTIALS,
    EXTERNAL,
)
"""The configurations, in the order in which they are shown."""

LISTED: tuple[Resource, ...] = (AUTHENTICATION_STRENGTH,)
"""The kinds that have a list of their own beside the policy."""

RESOURCES: dict[str, Resource] = {
    row.id: row for row in (AUTHENTICATION_METHODS_POLICY, *METHODS, *LISTED)
}

__all__ = [
    "AUTHENTICATION_METHODS_POLICY",
    "EXTERNAL",
    "LISTED",
    "METHODS",
    "RESOURCES",
    "Resource",
]
