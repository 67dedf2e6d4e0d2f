"""How a tenant begins: from a seed under the switches, or from documents that a GET answered."""

from typing import Final

from .clock import Clock
from .directory.directory import Directory
from .directory.registered import Registered
from .entra.tokens import Issuer
from .policy.merge import completed, merged
from .policy.passkeys import opt_in
from .policy.rewriting import OPT_OUT
from .policy.view import type_of, typed
from .policy.wire import CONFIGURATIONS, EXTERNAL, METHODS, POLICY, is_annotation, known
from .strengths.custom_strengths import Strengths
from .switches import Switches
from .tables import JsonObject, copied, data
from .tenant import Tenant

SEEDS: Final = ("contoso", "documented", "retirement", "strengths")
DELETED: Final = {"id": "0d1c2b3a-0000-4000-8000-0000000000ff", "targetType": "group"}
"""An exclusion whose group was deleted, for the switch deleted_target."""


def known_seed(name: str) -> str:
    """Return `name`; raises ValueError if it is not a seed."""
    if name not in SEEDS:
        raise ValueError(f"seed must be one of {', '.join(SEEDS)} (got {name!r})")
    return name


def seed_document(name: str) -> JsonObject:
    """A seed's document, laid over the one that it extends; ValueError for an unknown name."""
    document: JsonObject = dict(data(f"seeds/{known_seed(name)}.json"))
    if "extends" not in document:
        return document
    base = seed_document(document.pop("extends"))
    rows = {name: [*base.get(name, ()), *document.get(name, ())] for name in ("groups", "users")}
    return {**merged(base, document), **rows}


def default_configuration(identifier: str) -> JsonObject:
    """A built-in method in a tenant that never changed it.

    A property that is not in the table of defaults is false or null.
    """
    type_name = METHODS[identifier]
    given = data("defaults.json")["configurations"][identifier]
    unset = {
        name: False if wire == "Boolean" else None
        for name, wire in known(type_name).items()
        if name not in given and name != "id"
    }
    return typed(completed({**given, **unset}, type_name), identifier, type_name)


def seed_policy(seed: JsonObject, switches: Switches) -> JsonObject:
    """The stored policy of a seed under the switches that decide how a tenant starts."""
    policy: JsonObject = completed(
        {**data("defaults.json")["policy"], **seed.get("policy", {})}, POLICY
    )
    overrides = dict(seed.get("configurations", {}))
    says = "passkeyProfiles" in overrides.get("Fido2", {})
    rows = [
        merged(default_configuration(identifier), overrides.pop(identifier, {}))
        for identifier in METHODS
    ]
    rows += [
        typed(completed(each, EXTERNAL), identifier, EXTERNAL)
        for identifier, each in overrides.items()
    ]
    rows = [completed(each, type_of(each) or "") for each in rows]
    if switches.passkey_opt_in == "after" and rows[0]["state"] == "enabled" and not says:
        opt_in(rows[0])
    if switches.opt_out != "absent":
        value = switches.opt_out == "true"
        policy[OPT_OUT] = None if switches.opt_out == "null" else {"passkeyDynamicMigration": value}
    policy[CONFIGURATIONS] = rows
    if switches.deleted_target == "seeded":
        for each in rows:
            if each["id"] == "Voice":
                each["excludeTargets"] = [*each["excludeTargets"], dict(DELETED)]
    if switches.migration_state != "seed":
        fixed = switches.migration_state
        policy["policyMigrationState"] = None if fixed in {"null", "absent"} else fixed
    return policy


def seeded(seed: JsonObject, switches: Switches, clock: Clock, issuer: Issuer) -> Tenant:
    """Return a tenant in the state of a seed."""
    policy = copied(seed["stored"]) if "stored" in seed else seed_policy(seed, switches)
    directory = Directory()
    tenant = Tenant(
        id=seed["tenant"]["id"],
        display_name=seed["tenant"]["displayName"],
        domain=seed["tenant"].get("domain", "contoso.com"),
        policy=policy,
        original=copied(policy),
        directory=directory,
        registered=Registered(directory),
        strengths=Strengths(clock),
        clock=clock,
        issuer=issuer,
        switches=switches,
    )
    tenant.populate(seed if switches.duplicate_names == "seeded" else _unique(seed))
    tenant.registered.clock = clock
    return tenant


def stored_policy(document: JsonObject) -> JsonObject:
    """The stored form of a policy that a GET returned: without annotations, otherwise raw."""
    stored = {key: copied(value) for key, value in document.items() if not is_annotation(key)}
    stored[CONFIGURATIONS] = [
        {
            key: copied(value)
            for key, value in each.items()
            if key == "@odata.type" or not is_annotation(key)
        }
        for each in document.get(CONFIGURATIONS, [])
    ]
    return stored


def _unique(seed: JsonObject) -> JsonObject:
    """A seed without duplicate group names: only the first group of each name stays."""
    first = {each["displayName"]: each for each in reversed(seed.get("groups", []))}
    kept = {each["id"] for each in first.values()}
    return {**seed, "groups": [each for each in seed.get("groups", ()) if each["id"] in kept]}
