"""`hold`, `acknowledge`, `freeze` and `guards`: what a file leaves alone, accepts and demands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field
from datetime import date

from graphpolicy import model
from graphpolicy.catalogue import METHODS, RESOURCES
from graphpolicy.catalogue.kinds import Resource
from graphpolicy.catalogue.settings import settings
from graphpolicy.compare.documents import kind_of, known_as
from graphpolicy.guards.levels import read_levels
from graphpolicy.model import POLICY, Finding, Json, Path
from graphpolicy.model.did_you_mean import closest, question
from graphpolicy.model.records import dataclass, recast
from graphpolicy.model.tree import walk
from graphpolicy.policyfile import schema_check
from graphpolicy.policyfile.declarations import declare
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding, pointer_of
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import shown
from graphpolicy.rules.table import RULES


@dataclass(frozen=True, slots=True)
class HoldsAndAcks:
    """What one file leaves alone, accepts and demands of guards, and what is wrong with it."""

    holds: tuple[model.Hold, ...]
    acknowledgements: tuple[model.Acknowledgement, ...]
    freeze: model.Scope | None
    guards: Mapping[str, Json]
    findings: tuple[Finding, ...]


def scopes(
    layer: Layer,
    named: Collection[str],
    without_aliases: Callable[[model.DeclaredSource], model.DeclaredSource],
) -> HoldsAndAcks:
    """Read them from a file. `named` are the resources that the policy gives by a name."""
    reader = _Reader(layer.document, named, without_aliases)
    holds = [reader.hold(at, entry) for at, entry in _entries(layer.data, "hold")]
    accepted = [
        reader.acknowledgement(at, entry) for at, entry in _entries(layer.data, "acknowledge")
    ]
    return HoldsAndAcks(
        tuple(hold for hold in holds if hold),
        tuple(entry for entry in accepted if entry),
        reader.freeze(layer.data.get("tenant")),
        reader.guards(layer.data.get("guards") or {}),
        tuple(reader.findings),
    )


def _entries(data: Mapping[str, Json], name: str) -> Iterator[tuple[Pointer, dict[str, Json]]]:
    for index, entry in enumerate(data.get(name) or ()):
        if entry is not None:
            yield (name, index), entry


@dataclass
class _Reader:
    """Reads the entries of one file; collects findings."""

    document: Document
    named: Collection[str]
    without_aliases: Callable[[model.DeclaredSource], model.DeclaredSource]
    findings: list[Finding] = field(default_factory=list)

    def hold(self, at: Pointer, entry: Mapping[str, Json]) -> model.Hold | None:
        scope = self.scope(at, entry)
        if scope is None or "live" not in entry:
            return model.Hold(scope) if scope else None
        if not scope.path:
            fix = f"add a path, as in path: state, or remove live to hold all of {scope.resource}"
            self.find(
                (*at, "live"), "bad-value", "live needs a path: it is the value of one setting", fix
            )
            return None
        return model.Hold(scope, self.live((*at, "live"), entry["live"], scope))

    def acknowledgement(
        self, at: Pointer, entry: Mapping[str, Json]
    ) -> model.Acknowledgement | None:
        rule = entry["rule"]
        guards = [row.id for row in RULES.values() if row.acceptable]
        if rule not in guards:
            fix = question(rule, guards) or "`graphpolicy explain --all` lists the rules"
            message = f"acknowledge names {shown(rule)}, which is not a rule that it can accept"
            self.find((*at, "rule"), "unknown-rule", message, fix)
            return None
        if self.miscounted(at, entry):
            return None
        scope, people = self.scope(at, entry), entry.get("people", "")
        return model.Acknowledgement(rule, scope, entry.get("atMost"), people) if scope else None

    def miscounted(self, at: Pointer, entry: Mapping[str, Json]) -> bool:
        """Whether a rule that counts people has no number, or another rule has one."""
        rule = entry["rule"]
        if RULES[rule].counted:
            if "atMost" not in entry:
                fix = "add atMost: the number of people that you accept"
                self.find(
                    at, "bad-value", f"{rule} counts people, and the entry has no number", fix
                )
            if "resource" in entry:
                fix = "remove resource and path: people are counted over the whole plan"
                self.find(
                    (*at, "resource"), "bad-value", f"{rule} is not about a single method", fix
                )
            return "atMost" not in entry or "resource" in entry
        if "people" in entry:
            counting = ", ".join(row.id for row in RULES.values() if row.counted)
            fix = f"remove people; it is for {counting}"
            self.find(
                (*at, "people"), "bad-value", f"{rule} does not accept people separately", fix
            )
        return "people" in entry

    def freeze(self, tenant: Json) -> model.Scope | None:
        """Until when nothing may be written to the tenant; None without a sound `freeze`."""
        entry = tenant.get("freeze") if isinstance(tenant, dict) else None
        if not isinstance(entry, dict) or not {"reason", "owner", "expires"} <= entry.keys():
            return None  # the schema check has a finding
        return self.scope(("tenant", "freeze"), entry)

    def guards(self, data: Mapping[str, Json]) -> Mapping[str, Json]:
        """The levels and numbers that can be set. The schema check has findings for the others."""
        _, misuses = read_levels(data)
        written = self.document.data["guards"] if data else {}
        for misuse in misuses:
            if written.get(misuse.rule) != data[misuse.rule]:
                continue
            at = ("guards", misuse.rule)
            rule = "unknown-rule" if misuse.rule not in RULES else "guard-level"
            self.find(at, rule, misuse.message, misuse.fix)
        wrong = {misuse.rule for misuse in misuses}
        return {rule: value for rule, value in data.items() if rule not in wrong}

    def scope(self, at: Pointer, entry: Mapping[str, Json]) -> model.Scope | None:
        resource, path = entry.get("resource", ""), entry.get("path", "")
        row = self.resource(at, resource) if resource else None
        if path and not resource:
            fix = "add the resource: a method's id, or authenticationMethodsPolicy"
            self.find((*at, "path"), "bad-value", "path needs a resource beside it", fix)
            return None
        if resource and row is None:
            return None
        steps = tuple(path.split(".")) if path else ()
        if row and steps and not self.known((*at, "path"), row, resource, steps):
            return None
        try:
            date.fromisoformat(entry["expires"])
        except ValueError:
            message = f"expires is {shown(entry['expires'])}, which is not a date"
            self.find((*at, "expires"), "bad-format", message, "write the last day as YYYY-MM-DD")
            return None
        place = self.document.place(at)
        return model.Scope(
            resource, steps, entry["reason"], entry["owner"], entry["expires"], place
        )

    def resource(self, at: Pointer, name: str) -> Resource | None:
        """The catalogue's row for the resource that an entry names, or None and a finding."""
        if name in self.named or (name in RESOURCES and not RESOURCES[name].several):
            return kind_of(name)
        labels = {row.label: row.id for row in METHODS if not row.several}
        labels |= {word: word for word in (*labels.values(), POLICY, *self.named)}
        near = closest(name, labels)
        fix = (
            f"did you mean '{labels[near]}'?"
            if near
            else "write a method's id, authenticationMethodsPolicy, or the name of an external "
            "method or strength (authenticationStrengthPolicies/NAME) that the policy lists"
        )
        of_several = kind_of(name).several and kind_of(name).id == name.partition("/")[0]
        lacks = "which this policy does not list" if of_several else "which is not a method"
        message = f"{at[0]} names {shown(name)}, {lacks}"
        self.find((*at, "resource"), "unknown-method", message, fix)
        return None

    def known(self, at: Pointer, row: Resource, name: str, path: Path) -> bool:
        """Whether a resource has a setting, or an object of settings, at a path."""
        paths = {each.dotted: each.path for each in settings([row]) if not each.in_entry}
        if path in paths.values():
            return True
        near = closest(".".join(path), paths)
        ending = [each for each, steps in paths.items() if steps[-1] == path[-1]]
        if near is None and len(ending) == 1:  # for authors who write just the last step
            [near] = ending
        fix = f"did you mean '{near}'?" if near else "write Graph's dotted path, as a plan shows it"
        message = f"{name} has no setting {shown('.'.join(path))}"
        self.find(at, "unknown-setting", message, fix)
        return False

    def live(self, at: Pointer, value: Json, scope: model.Scope) -> model.Declared | None:
        """The value that a hold allows, read as the policy would read it at its place."""
        kind = kind_of(scope.resource)
        home = (*pointer_of(known_as(kind.id, scope.resource)), *scope.path)
        data: Json = value
        for step in reversed(home):
            data = {step: data}
        moved = Document(
            self.document.file,
            {"version": 1, **data},
            {home + p[len(at) :]: q for p, q in self.document.places.items() if p[: len(at)] == at},
            {home + p[len(at) :]: q for p, q in self.document.keys.items() if p[: len(at)] == at},
            (),
        )
        checked = schema_check.check(moved)
        declared, findings = declare(moved, checked.data)
        told = {found.source for found in self.document.findings}
        problems = [one for one in (*checked.findings, *findings) if one.source not in told]
        self.findings += problems
        if not declared:
            return None
        one = self.without_aliases(declared[0])
        inside = [value for _, value in walk(one.tree)]
        for type_, message, fix in (
            (model.Altered, "live must be a whole list", "write the list, without add and remove"),
            (model.RolloutName, "live can't be a rollout", "write the groups that it has now"),
        ):
            if any(isinstance(value, type_) for value in inside):
                if not problems:
                    self.find(at, "bad-value", message, fix)
                return None
        return recast(model.Declared, one)

    def find(self, at: Pointer, rule: str, message: str, fix: str) -> None:
        self.findings.append(finding(self.document, at, rule, message, fix))
