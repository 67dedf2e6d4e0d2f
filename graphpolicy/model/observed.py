"""What a tenant returned: the policy, groups, accounts and the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import field
from typing import TypeAlias

from graphpolicy.model.emergency import Account, DirectoryUser, Emergencies
from graphpolicy.model.people_counts import Counted
from graphpolicy.model.records import dataclass
from graphpolicy.model.rollouts import RolloutFacts
from graphpolicy.model.words import (
    CONFIGURATIONS,
    POLICY,
    AuthorKind,
    Json,
    Path,
    Unread,
    Version,
    Who,
)


@dataclass(frozen=True, slots=True)
class Observed:
    """What Graph returned: the policy's documents by API version, and lists of other kinds.

    `lists` are by the kind's root, such as `authenticationStrengthPolicies`; a kind that was not
    read is not in it. v1.0 has them in every cloud.
    """

    documents: Mapping[Version, Mapping[str, Json]]
    lists: Mapping[str, Sequence[Mapping[str, Json]]] = field(default_factory=dict)

    def items(self, root: Path) -> Iterator[tuple[Version, Mapping[str, Json]]]:
        """Everything at a root, with the version of Graph that returned it."""
        if root[0] != POLICY:
            for item in self.lists.get(root[0], ()):
                yield "v1.0", item
            return
        for version, document in self.documents.items():
            for item in [document] if len(root) == 1 else document.get(root[1]) or ():
                yield version, item

    @property
    def methods(self) -> Iterator[tuple[Version, Mapping[str, Json]]]:
        """The configuration of every method, with the version of Graph that returned it."""
        return self.items((POLICY, CONFIGURATIONS))


@dataclass(frozen=True, slots=True)
class Notice:
    """A change that Microsoft announced to make in tenants by itself; `since` is its first day."""

    about: str
    since: str
    source: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a live value: from a record of the audit log, or concluded as `why` says.

    `at` is when, in ISO 8601 and UTC. `id` is the object id of a user, the app id of an
    application, the name of a run of ours. `ip_address` is a person's: JSON and a terminal show it,
    nothing that is published. `request_id` is Graph's, of a write of ours. What is not known is ''.
    """

    kind: AuthorKind
    name: str = ""
    id: str = ""
    at: str = ""
    ip_address: str = ""
    correlation_id: str = ""
    request_id: str = ""
    why: str = ""
    """What it is concluded from, or why it is not known."""
    notice: Notice | None = None
    """What Microsoft announced that the value fits."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change of the policy in the audit log, and its author.

    `modified` are (name, old value, new value) as the log has them. `resource` is what changed, as
    a plan calls it, if that is not the policy.
    """

    author: Author
    modified: tuple[tuple[str, Json, Json], ...] = ()
    resource: str = ""

    @property
    def at(self) -> str:
        """The log's own timestamp."""
        return self.author.at


@dataclass(frozen=True, slots=True)
class AuditLog:
    """What was read of the audit log, newest first.

    It holds everything from `begins` to `ends` (ISO 8601, UTC): records are kept for some days,
    and come some minutes late. '' is not known.
    """

    events: tuple[Event, ...] = ()
    begins: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class OwnWrite:
    """One setting that a run of ours wrote in a tenant: `path` of `resource`, as a plan calls it.

    `at` is when it was sent, and between `earliest` and `latest` is its record in the audit log
    (ISO 8601, UTC, to the second). `by` is the person who started the run, '' if not known.
    """

    run: str
    by: str
    at: str
    request_id: str
    resource: str
    path: Path
    after: Json
    earliest: str = ""
    latest: str = ""


@dataclass(frozen=True, slots=True)
class OwnRuns:
    """What our records say of one tenant: what runs wrote, newest first, and what one has seen.

    `seen` are the values that the last verified run left or found, in canonical form, by resource
    and dotted path; `seen_at` is when.
    """

    writes: tuple[OwnWrite, ...] = ()
    seen: Mapping[tuple[str, str], Json] = field(default_factory=dict)
    seen_at: str = ""


Party: TypeAlias = tuple[str, str]
"""People as (kind, folded id): of a `group` or a `user`, of a `role` by its template's id, and
`guests`."""


@dataclass(frozen=True, slots=True)
class Members:
    """People by folded id. `unread` is why there may be more of them; None if these are all."""

    ids: frozenset[str] = frozenset()
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """A Conditional Access policy that requires a strength. `who` is '' if that is not known.

    `include` and `exclude` are the people that it is for; the first is not needed if it is for
    everyone.
    """

    name: str
    who: Who = ""
    include: frozenset[Party] = frozenset()
    report_only: bool = False
    exclude: frozenset[Party] = frozenset()


@dataclass(frozen=True, slots=True)
class Strength:
    """An authentication strength: the folded modes of each combination that satisfies it.

    `models` are the folded AAGUIDs of the only passkeys that count; None if all do. `demanded_by`
    is None before it is looked up. `named_by` are disabled policies that name it: they require
    nothing, but Graph also refuses to take the strength from them.
    """

    id: str
    name: str
    combinations: tuple[frozenset[str], ...]
    models: AbstractSet[str] | None = None
    demanded_by: tuple[Demand, ...] | Unread | None = None
    custom: bool = False
    named_by: tuple[str, ...] = ()

    @property
    def kept_by(self) -> tuple[str, ...]:
        """The Conditional Access policies for which Graph does not leave it empty, as known."""
        demands = self.demanded_by if isinstance(self.demanded_by, tuple) else ()
        return (*(each.name for each in demands), *self.named_by)


@dataclass(frozen=True, slots=True)
class Directory:
    """What was read of the tenant besides the policy, mostly about the groups in a plan.

    `by_name` has for each display name that was looked up the groups that match it without regard
    to case, as (id, displayName). `names` is the display name by id. `gone` are ids that no longer
    exist. `readable` is false if ids could not be looked up. `log` are changes in the audit log;
    None if nobody asked for them. `strengths` are authentication strengths. Either is `Unread` if
    reading failed. `opted_out` are the dotted settings of the policy with which the
    tenant opted out of something, where they are not in the documents that were read.
    """

    by_name: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
    """The group that was probably meant, by a name that matches no group."""
    names: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    readable: bool = True
    accounts: tuple[Account, ...] = ()
    refused: tuple[Account, ...] = ()
    """The groups of `helpdesk.refuse`, in its order, without the roles in it."""
    log: AuditLog | Unread | None = None
    strengths: tuple[Strength, ...] | Unread = ()
    members: Mapping[str, Members] = field(default_factory=dict)
    """The people of groups and roles by folded id, as far as findings depend on them."""
    people: Mapping[str, DirectoryUser | Unread | None] = field(default_factory=dict)
    """The people that `expect` names, by folded name; None for one who is not in the directory."""
    enabled: Mapping[str, Members] = field(default_factory=dict)
    """The people with an enabled account, by the folded id of a group, or all users."""
    registered: Mapping[str, frozenset[str] | Unread] = field(default_factory=dict)
    """The methods of the policy that people have registered, by folded id, as far as `expect` asks
    for them."""
    opted_out: frozenset[str] = frozenset()
    impact: Counted | Unread | None = None
    """The people that the plan affects; None if nobody asked."""
    emergencies: Emergencies | None = None
    """The accounts of `emergencyAccess`, examined; None if nobody asked."""
    rollouts: Mapping[str, RolloutFacts] = field(default_factory=dict)
    """What is known of rollouts beside the files, as far as the plan opens waves."""
