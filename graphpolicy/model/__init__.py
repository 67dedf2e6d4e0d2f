"""The nouns of graphpolicy as frozen dataclasses. Imports nothing else of the package.

**Desired** is what a policy file declares. **Observed** is what Graph returned. A **change** is one
setting that differs. A **finding** is something that a person must know. A **plan** is all of this
for one tenant.

Nothing is loaded before a name is used: most of `--help` needs none, and all of it takes a third as
long as click. The modules are then searched in the order of `MODULES`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphpolicy.model.desired import (
        UNNAMED as UNNAMED,
        Acknowledgement as Acknowledgement,
        Alias as Alias,
        Altered as Altered,
        Declared as Declared,
        DeclaredSource as DeclaredSource,
        Desired as Desired,
        Expectation as Expectation,
        Hold as Hold,
        Named as Named,
        ProfileName as ProfileName,
        Resolved as Resolved,
        ResolvedHold as ResolvedHold,
        ResolvedPolicy as ResolvedPolicy,
        RolloutName as RolloutName,
        Scope as Scope,
        Tenant as Tenant,
    )
    from graphpolicy.model.emergency import (
        Account as Account,
        DirectoryUser as DirectoryUser,
        Emergencies as Emergencies,
        EntryHealth as EntryHealth,
        ExaminedEntry as ExaminedEntry,
        Holder as Holder,
    )
    from graphpolicy.model.observed import (
        AuditLog as AuditLog,
        Author as Author,
        Demand as Demand,
        Directory as Directory,
        Event as Event,
        Members as Members,
        Notice as Notice,
        Observed as Observed,
        OwnRuns as OwnRuns,
        OwnWrite as OwnWrite,
        Party as Party,
        Strength as Strength,
    )
    from graphpolicy.model.people_counts import (
        ChangeImpact as ChangeImpact,
        Counted as Counted,
        DatedFact as DatedFact,
        DatedImpact as DatedImpact,
        GroupSize as GroupSize,
        Numbers as Numbers,
        WorkItem as WorkItem,
    )
    from graphpolicy.model.planned import (
        Access as Access,
        Bound as Bound,
        Change as Change,
        Failure as Failure,
        Held as Held,
        Matrix as Matrix,
        Origin as Origin,
        Plan as Plan,
        Protection as Protection,
        Request as Request,
        Result as Result,
        Unsent as Unsent,
    )
    from graphpolicy.model.rollouts import (
        EarlierCount as EarlierCount,
        Gate as Gate,
        InForce as InForce,
        MissingPerson as MissingPerson,
        Rolled as Rolled,
        Rollout as Rollout,
        RolloutFacts as RolloutFacts,
        RolloutState as RolloutState,
        Wave as Wave,
        WavePeople as WavePeople,
        WaveState as WaveState,
    )
    from graphpolicy.model.unmanaged import (
        KeptSnapshot as KeptSnapshot,
        Unmanaged as Unmanaged,
    )
    from graphpolicy.model.words import (
        ADMINISTRATORS as ADMINISTRATORS,
        CONFIGURATIONS as CONFIGURATIONS,
        EVERYONE as EVERYONE,
        EXTERNAL as EXTERNAL,
        NOBODY as NOBODY,
        POLICY as POLICY,
        Audience as Audience,
        AuthorKind as AuthorKind,
        Cause as Cause,
        Cloud as Cloud,
        Default as Default,
        Finding as Finding,
        HttpMethod as HttpMethod,
        Json as Json,
        Level as Level,
        Outcome as Outcome,
        Path as Path,
        Place as Place,
        SecretText as SecretText,
        Unread as Unread,
        Use as Use,
        Version as Version,
        Watch as Watch,
        Who as Who,
        Written as Written,
    )


MODULES = (
    "words",
    "desired",
    "observed",
    "planned",
    "people_counts",
    "rollouts",
    "emergency",
    "unmanaged",
)
"""Where the names are, the most used first."""

if not TYPE_CHECKING:

    def __getattr__(name):
        if not name.startswith("_"):
            for module in MODULES:
                found = getattr(import_module(f"{__name__}.{module}"), name, None)
                if found is not None:
                    globals()[name] = found
                    return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
