"""The nouns of graphpolicy as frozen dataclasses. Imports nothing of ours but `records`.

**Desired** is what a policy file declares, **observed** what Graph answers, a **change** one
setting that differs, a **finding** something to know about it, a **plan** all of that for one
tenant.
"""

from __future__ import annotations

from graphpolicy.model.desired import (
    Acknowledgement,
    Alias,
    Altered,
    Declared,
    Desired,
    Hold,
    Named,
    ProfileName,
    Scope,
    Tenant,
)
from graphpolicy.model.observed import (
    Account,
    Directory,
    Event,
    Observed,
    Person,
    Strength,
)
from graphpolicy.model.planned import (
    Access,
    Audience,
    Bound,
    Change,
    Failure,
    Held,
    Matrix,
    Origin,
    Plan,
    Report,
    Request,
    Result,
)
from graphpolicy.model.words import (
    EVERYONE,
    NOBODY,
    POLICY,
    Cause,
    Cloud,
    Finding,
    Json,
    Level,
    Outcome,
    Path,
    Place,
    SecretText,
    Use,
    Version,
)

__all__ = [
    "EVERYONE",
    "NOBODY",
    "POLICY",
    "Access",
    "Account",
    "Acknowledgement",
    "Alias",
    "Altered",
    "Audience",
    "Bound",
    "Cause",
    "Change",
    "Cloud",
    "Declared",
    "Desired",
    "Directory",
    "Event",
    "Failure",
    "Finding",
    "Held",
    "Hold",
    "Json",
    "Level",
    "Matrix",
    "Named",
    "Observed",
    "Origin",
    "Outcome",
    "Path",
    "Person",
    "Place",
    "Plan",
    "ProfileName",
    "Report",
    "Request",
    "Result",
    "Scope",
    "SecretText",
    "Strength",
    "Tenant",
    "Use",
    "Version",
]
