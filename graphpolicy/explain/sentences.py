"""What a setting accepts, in words, and an example of it in a policy file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphpolicy.catalogue import kinds
from graphpolicy.catalogue.facts import Fact, Limit, ManagedValue, Retirement, Rewriting
from graphpolicy.catalogue.kinds import Kind, Property
from graphpolicy.catalogue.settings import Setting
from graphpolicy.compare.labels import dated
from graphpolicy.model import EVERYONE, Cloud, Json, Version
from graphpolicy.rules.table import Rule, RuleKind

NO_LIMIT = kinds.Int().maximum
ID = "0d1c2b3a-0000-4000-8000-000000000001"
PROFILE = "Default passkey profile"
EXAMPLES = {
    "a subject key identifier in hex": "0A1B2C3D",
    "an object identifier such as 1.2.3": "1.2.3",
}
"""What an identifier looks like, by the hint of its kind; others are GUIDs."""

KINDS: dict[type[Kind], str] = {
    kinds.Bool: "boolean",
    kinds.Int: "integer",
    kinds.Text: "text",
    kinds.Enum: "enum",
    kinds.Flags: "flags",
    kinds.Strings: "set",
    kinds.ProfileRef: "passkey profile",
    kinds.ProfileRefs: "passkey profiles",
    kinds.Target: "target",
    kinds.Targets: "targets",
    kinds.Object: "object",
    kinds.Collection: "collection",
}
"""One word for each kind, for scripts."""


JUDGES: dict[RuleKind, str] = {
    "yaml": "how a file is written in YAML",
    "file": "what the policy language allows",
    "policy": "values that must fit together",
    "plan": "the tenant compared with the files",
    "person": "who the helpdesk may help, and how",
    "guard": "the change that a plan would make",
}
"""What a rule of each kind judges."""


def takes(kind: Kind) -> str:
    """What a file may write, as the end of the sentence "it takes ..."."""
    match kind:
        case kinds.Bool():
            return "true or false"
        case kinds.Int(minimum=minimum, maximum=maximum, unit=unit):
            number = f"a whole number of {unit}" if unit else "a whole number"
            return number if maximum == NO_LIMIT else f"{number}, {minimum} to {maximum}"
        case kinds.Text(hint=hint, suggestions=suggestions):
            return hint or f"text{', such as ' + listed(suggestions, 'or') if suggestions else ''}"
        case kinds.Enum(members=members):
            return listed(members, "or")
        case kinds.Flags(members=members):
            return f"a list of {listed(members, 'and')}"
        case kinds.Strings(hint=hint, members=members):
            return f"a list, each item {hint or listed(members, 'or')}"
        case kinds.ProfileRef():
            return "the name of a passkey profile"
        case kinds.ProfileRefs():
            return "a list of names of passkey profiles"
        case kinds.Target(types=types, nobody=nobody):
            what = f"one {listed(map(spaced, types), 'or')}, or all_users"
            return f"{what}, or none" if nobody else what
        case kinds.Targets(everyone=everyone):
            return "a list of groups, or all_users" if everyone else "a list of groups"
        case kinds.Object(members=members, short=short):
            inside = f"a map of {listed((row.name for row in members), 'and')}"
            return f"{inside}; a bare word stands for its {short}" if short else inside
        case kinds.Collection(members=members, key=key, identity=identity):
            rest = listed((row.name for row in members if row.name != key), "and")
            if key:
                return f"a map of entries by {key}, each with {rest}"
            return f"a list of entries, each with {rest}; paired by {listed(identity, 'and')}"


def judged(rule: Rule) -> tuple[str, ...]:
    """The settings that a rule judges, and the properties that it judges in any method."""
    return tuple(name if "." in name else f"every {name}" for name in rule.settings)


def default(row: Property) -> str:
    """Microsoft's documented default as a file writes it; empty if none is documented."""
    if row.default is None:
        return ""
    return str(row.default).lower() if isinstance(row.default, bool) else str(row.default)


def example(setting: Setting) -> Json:
    """The smallest policy that declares a setting, in the file's shape."""
    value: Json = _value(setting.row.kind, setting.row)
    for row, below in zip(reversed(setting.rows[:-1]), reversed(setting.rows[1:]), strict=True):
        value = _around(row.kind, below, value)
    tree = {setting.rows[0].name: value}
    resource = setting.resource
    keys = (
        *resource.keys,
        f"Name of the {resource.label.lower() if resource.by_name else 'method'}",
    )
    for key in reversed(keys if resource.several else resource.keys):
        tree = {key: tree}
    return tree


def listed(words: Iterable[str], last: str) -> str:
    """Words as a sentence lists them."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def placed(fact: Fact) -> str:
    """The cloud and status of a fact, and the date of its source."""
    return f"{fact.cloud} cloud, {dated(fact)}" if fact.cloud else dated(fact)


def managed_words(fact: ManagedValue) -> str:
    """What `default` means."""
    return f"{fact.means} ({placed(fact)})"


def limit_words(fact: Limit) -> str:
    """What Microsoft allows at most."""
    return f"{fact.value} {fact.unit} ({placed(fact)}). {fact.about}"


def retirement_words(fact: Retirement) -> str:
    """What Microsoft retires, when, and what replaces it."""
    return f"{fact.about} Instead: {fact.instead} ({placed(fact)})."


def rewriting_words(fact: Rewriting) -> str:
    """What Microsoft changes by itself, since when, and how a tenant opts out."""
    out = f" Opt out: {fact.unless}." if fact.unless else ""
    return f"since {fact.since}: {fact.about}{out} ({placed(fact)})"


def where(clouds: Mapping[Cloud, tuple[Version, ...]]) -> str:
    """The clouds that have something, and in which versions of Graph."""
    by_versions: dict[tuple[Version, ...], list[str]] = {}
    for cloud, versions in clouds.items():
        by_versions.setdefault(versions, []).append(cloud)
    return "; ".join(
        f"{', '.join(names)}: {listed(versions, 'and') if versions else 'not in Graph'}"
        for versions, names in by_versions.items()
    )


def spaced(name: str) -> str:
    """One of Graph's names as words: `administrativeUnit` becomes `administrative unit`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)


def _around(kind: Kind, below: Property, value: Json) -> Json:
    """The value of the object or list that contains a member."""
    match kind:
        case kinds.Targets():
            return [{"group": EVERYONE, below.name: value}]
        case kinds.Collection(members=members, key=key):
            needed = {
                row.name: _value(row.kind, row)
                for row in members
                if row.required and row.name != key
            }
            entry = {**needed, below.name: value}
            if key:
                return {value: needed} if below.name == key else {PROFILE: entry}
            return [entry]
        case _:
            return {below.name: value}


def _value(kind: Kind, row: Property) -> Json:
    match kind:
        case kinds.Bool():
            return True
        case kinds.Int(minimum=minimum):
            return minimum if row.default is None else row.default
        case kinds.Text(pattern=pattern, suggestions=suggestions):
            return suggestions[0] if suggestions else _text(row, pattern)
        case kinds.Enum(members=members):
            return "enabled" if "enabled" in members else members[0]
        case kinds.Flags(members=members):
            return list(members)
        case kinds.Strings(hint=hint, members=members):
            return [members[0] if members else EXAMPLES.get(hint, ID)]
        case kinds.ProfileRef():
            return PROFILE
        case kinds.ProfileRefs():
            return [PROFILE]
        case kinds.Target(nobody=nobody):
            return "none" if nobody else EVERYONE
        case kinds.Targets(everyone=everyone, members=members):
            if not everyone:
                return [{"group": "NAME"}]
            needed = {row.name: _value(row.kind, row) for row in members if row.required}
            return [{"group": EVERYONE, **needed}] if needed else [EVERYONE]
        case kinds.Object(members=members, short=short):
            first = next(row for row in members if row.name == short or not short)
            return {first.name: _value(first.kind, first)}
        case kinds.Collection(members=members, key=key):
            needed = {row.name: _value(row.kind, row) for row in members if row.required}
            return {PROFILE: needed} if key else [needed]


def _text(row: Property, pattern: str) -> str:
    if row.name == "name":
        return PROFILE
    if "https" in pattern:
        return "https://example.org/.well-known/openid-configuration"
    return ID if pattern else "TEXT"
