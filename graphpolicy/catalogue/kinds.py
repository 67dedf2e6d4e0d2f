"""The types of value that a setting can have, and the row types of the catalogue."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from graphpolicy.model import CONFIGURATIONS, POLICY, Cloud, Json, Path, Version
from graphpolicy.model.records import dataclass

Api: TypeAlias = Literal["both", "v1.0", "beta"]


@dataclass(frozen=True, slots=True)
class Bool:
    """true or false."""


@dataclass(frozen=True, slots=True)
class Int:
    """A whole number in Microsoft's documented range."""

    minimum: int = 0
    maximum: int = 2_147_483_647
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; `pattern` is a regular expression for the whole text."""

    pattern: str = ""
    hint: str = ""
    suggestions: tuple[str, ...] = ()
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Enum:
    """One of Graph's members. Compared without regard to case; sent in the spelling given here.

    `docs` say what each member means, in the order of `members`. `also` are other spellings that
    Microsoft's own pages have for members; a file may use them.
    """

    members: tuple[str, ...]
    docs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flags:
    """A set of members that Graph joins with commas in one string; a list in YAML."""

    members: tuple[str, ...]
    docs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strings:
    """A set of identifiers, compared without regard to case and order.

    With `members` each is one of these; where a member has parts, joined with commas, their order
    does not matter either. `docs` say what each member means, in the order of `members`.
    """

    pattern: str = ""
    hint: str = ""
    members: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """The id of a passkey profile; its name in YAML."""


@dataclass(frozen=True, slots=True)
class ProfileRefs:
    """A set of ids of passkey profiles; their names in YAML."""


@dataclass(frozen=True, slots=True)
class Target:
    """One group. With `nobody`, the zero id and an absent target both mean nobody."""

    types: tuple[str, ...] = ("group",)
    nobody: bool = False


@dataclass(frozen=True, slots=True)
class Targets:
    """A set of groups with properties of their own, paired by (targetType, id)."""

    members: tuple[Property, ...] = ()
    types: tuple[str, ...] = ("group", "user")
    everyone: bool = True


@dataclass(frozen=True, slots=True)
class Object:
    """A complex value; each declared member is managed separately.

    `short` is the member that a bare scalar in YAML stands for. With `listed_by` it is a list in
    Graph: its entries are resources of their own below the resource, and that property of an entry
    names the members that the entry stands for. `follow` are members that Graph derives from the
    others in the entries of such a list: they are neither sent nor compared.
    """

    type: str
    members: tuple[Property, ...]
    short: str = ""
    listed_by: str = ""
    follow: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of objects, managed as a whole; `identity` pairs its entries.

    With `key` it is a map in YAML, keyed by that member, and entries that the file leaves out stay.
    """

    type: str
    members: tuple[Property, ...]
    identity: tuple[str, ...]
    key: str = ""


Entries: TypeAlias = Targets | Collection
"""The kinds whose values are lists of objects."""

Kind: TypeAlias = (
    Bool
    | Int
    | Text
    | Enum
    | Flags
    | Strings
    | ProfileRef
    | ProfileRefs
    | Target
    | Targets
    | Object
    | Collection
)


Seen: TypeAlias = Literal["", "switch", "value", "member"]


@dataclass(frozen=True, slots=True)
class Property:
    """One row: a property of a Graph type.

    `api` says which Graph versions declare it, `label` is the portal's wording, `doc` what it does,
    `default` Microsoft's documented default. `absent` is the value that null or a missing member
    stands for, in a target, an entry or elsewhere; None if it stands for no value. `enforced` is
    the day (YYYY-MM-DD) since which Microsoft enforces the setting: it is sent in a request of its
    own, and if Graph does not return it, it is on for everyone. `null_is` is what null means for a
    setting that stays null when it is written. `follows` names a property of the resource; when
    that changes, Graph may set this one by itself. `context` is what a feature lets a person do
    when they approve a sign-in ("see the application's name"): without it an attack is harder to
    recognise. `narrows` marks settings that decide who may use a method, and with which keys.
    `written_to` is the version of its PATCH, if that is not the one to read it from. `action` is
    the action that sets it, if no PATCH does, and `previous` the member of its answer with the
    value that it replaced.

    `seen` is how people notice it at sign-in, for the message to them: '' if they don't. A
    *switch* has a state or targets: people gain it or lose it. A *value* is how something works for
    the people that have it. A *member* is a value in each target. `special` names the text about
    people that no target describes, `prompt` the part of the app's prompt that a feature turns on.
    """

    name: str
    kind: Kind
    label: str
    doc: str
    api: Api = "both"
    default: Json = None
    absent: Json = None
    enforced: str = ""
    null_is: str = ""
    follows: str = ""
    link: str = ""
    required: bool = False
    context: str = ""
    narrows: bool = False
    written_to: Version | Literal[""] = ""
    action: str = ""
    previous: str = ""
    seen: Seen = ""
    special: str = ""
    prompt: str = ""

    @property
    def home(self) -> Version:
        """The version to read it from: beta if it, or a member of it, exists in beta alone."""
        if self.api != "both":
            return self.api
        return "beta" if any(member.home == "beta" for member in self.members) else "v1.0"

    @property
    def below(self) -> tuple[Property, ...]:
        """The members of an object or of the entries of a list; empty for all other kinds."""
        return self.kind.members if isinstance(self.kind, Object | Entries) else ()

    @property
    def members(self) -> tuple[Property, ...]:
        """The members of an object, each managed separately; empty for all other kinds."""
        return self.kind.members if isinstance(self.kind, Object) else ()


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of resource: one method's configuration, the policy itself, or one of several kinds.

    `type` is the name below `#microsoft.graph.`. `known` are properties that Graph returns and a
    file can't declare. `root` are the keys that lead to it in a file and in what Graph returns; its
    id follows if the root is a list of different resources, and its name if a tenant may have
    `several`. `url` is where Graph has the root. `created` is whether an apply creates one that the
    tenant lacks. `ambiguous` is the rule about a name that is not unique. `builtin` is the property
    and the value that mark those that nobody can change. `read_only` is the rule about a difference
    of a kind that graphpolicy reads and never writes; '' if it writes the kind.
    """

    id: str
    type: str
    label: str
    doc: str
    link: str
    properties: tuple[Property, ...]
    api: Api = "both"
    known: frozenset[str] = field(default=frozenset({"id"}))
    root: Path = (POLICY, CONFIGURATIONS)
    url: str = f"/policies/{POLICY}/{CONFIGURATIONS}"
    several: bool = False
    created: bool = False
    ambiguous: str = ""
    builtin: tuple[str, str] = ("", "")
    read_only: str = ""

    @property
    def keys(self) -> Path:
        """The keys of a file that lead to it, or to the names of several."""
        return self.root if self.root[-1] == self.id else (*self.root, self.id)

    @property
    def is_method(self) -> bool:
        """Whether it is a method's configuration, in the policy's list of them."""
        return self.root == (POLICY, CONFIGURATIONS)

    @property
    def by_name(self) -> bool:
        """Whether plans and journals know it by its name; a method of the policy by Graph's id."""
        return self.several and self.root == (self.id,)

    @property
    def single(self) -> bool:
        """Whether its root is the resource itself, not a list."""
        return self.root[-1] == self.id and not self.several

    def property(self, name: str) -> Property | None:
        return next((row for row in self.properties if row.name == name), None)

    def at(self, path: Path) -> Property:
        """The setting at a path of names.

        Raises:
            KeyError: no setting has this path.
        """
        return self.along(path)[-1]

    def along(self, path: Path) -> tuple[Property, ...]:
        """The settings along a path of names, the top-level one first; raises as `at`."""
        found: list[Property] = []
        rows = self.properties
        for name in path:
            found.append({row.name: row for row in rows}[name])
            rows = found[-1].members
        return tuple(found)

    def home(self, row: Property, cloud: Cloud = "global") -> Version:
        """The version to read a property from. China has the policy in beta alone."""
        if self.root[0] == POLICY and cloud == "china":
            return "beta"
        return "beta" if self.api == "beta" else row.home
