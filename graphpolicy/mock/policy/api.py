"""The authentication methods policy and its configurations: read, update, delete, create."""

import uuid
from typing import Any

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..rules import enforces
from ..tables import JsonObject
from .limits import (
    hold_campaign,
    hold_ranges,
    hold_system_preferred,
)
from .merge import completed, patched
from .rewriting import OPT_OUT
from .validate import accepted
from .view import etag, type_of, typed
from .wire import CONFIGURATIONS, EXTERNAL, METHODS, POLICY, is_annotation
from .write import actor, check_duplicate, check_targets, commit, missing, reverted, updated

_NAMED = (
    OPT_OUT,
    "registrationEnforcement",
    "systemCredentialPreferences",
    "reportSuspiciousActivitySettings",
)
_FIXED = ("id", "lastModifiedDateTime", "policyVersion", "deletedDateTime")
_MIGRATION = "policyMigrationState"


def get_policy(call: Call) -> Answer:
    """Answer the policy with its configurations."""
    selected = _selected(call)
    stored = call.tenant.seen()
    view = call.view
    how = (call.version, view.root, view.prefers_unknown)
    body = call.tenant.showing(how, stored, view.policy)
    if selected is not None:
        body = {key: body[key] for key in body if key in selected or key.startswith("@")}
    headers = {"ETag": etag(stored)} if call.switches.etag == "present" else {}
    return Answer(200, body, headers)


def patch_policy(call: Call) -> Answer:
    """Update properties of the policy itself."""
    body = call.json()
    configurations = _root_configurations(body, call)
    sent = accepted(_writable(body, call), POLICY, call.offer)
    sent = _without_migration(sent, call)
    check_targets(sent, POLICY, call)
    result = patched(call.tenant.policy, sent, POLICY, call.offer)
    changed = {name: result[name] for name in sent}
    hold_ranges(changed, POLICY, call.switches, list(changed))
    hold_campaign(changed, call.switches)
    hold_system_preferred(changed, call.switches)

    def write() -> None:
        call.tenant.put_root(changed, actor(call))
        for stored, configuration in configurations:
            call.tenant.put(stored["id"], updated(stored, configuration, call), actor(call))

    commit(call, write, root=True)
    match call.switches.root_patch:
        case "204_empty":
            return Answer(204)
        case "200_body_beta_context":
            shown = call.view.policy_alone(call.tenant.policy)
            context = f"{call.message.root}/beta/$metadata#{POLICY}"
            return Answer(200, {**shown, "@odata.context": context})
        case _:
            return Answer(200, call.view.policy_alone(call.tenant.policy))


def list_configurations(call: Call) -> Answer:
    """Answer the configurations as a list."""
    return Answer(200, call.view.collection(call.tenant.seen()))


def get_configuration(call: Call) -> Answer:
    """Answer one configuration."""
    return Answer(200, call.view.entity(_found(call, call.tenant.seen())))


def patch_configuration(call: Call) -> Answer:
    """Update one configuration."""
    stored = _found(call, call.tenant.policy)
    after = updated(stored, call.json(), call)
    commit(call, lambda: call.tenant.put(stored["id"], after, actor(call)))
    return Answer(204)


@enforces("external-delete")
def delete_configuration(call: Call) -> Answer:
    """Delete an external method, or put a built-in one back to its defaults."""
    stored = _found(call, call.tenant.policy)
    identifier = stored["id"]
    after: JsonObject | None = None
    if identifier in METHODS:
        refused = call.switches.x509_delete_app_only == "reject_403" and not call.token.delegated
        if identifier == "X509Certificate" and refused:
            raise GraphError(
                "x509-delete-application", "Applications may not delete this configuration."
            )
        if call.switches.delete_builtin == "reject_400":
            raise GraphError("built-in-delete", f"The method '{identifier}' cannot be deleted.")
        if call.switches.delete_builtin == "revert":
            after = reverted(identifier, call)
    commit(call, lambda: call.tenant.put(identifier, after, actor(call), reset=True))
    return Answer(204)


def create_configuration(call: Call) -> Answer:
    """Create an external method."""
    if call.version == "v1.0" and call.switches.external_post_v1 == "reject_405":
        raise GraphError(
            "method-not-allowed", "Specified HTTP method is not allowed for the request target."
        )
    body = call.json()
    if "@odata.type" not in body:
        raise GraphError("odata-type-missing", "The property '@odata.type' is required.")
    if type_of(body) in METHODS.values():
        raise GraphError("built-in-create", "Built-in authentication methods cannot be created.")
    sent = accepted(body, EXTERNAL, call.offer)
    for name in ("displayName", "appId", "openIdConnectSetting"):
        if not sent.get(name):
            raise GraphError("required-member", f"The property '{name}' is required.")
    check_targets(sent, EXTERNAL, call)
    check_duplicate(sent["displayName"], call)
    identifier = str(uuid.uuid4())
    filled = completed(sent, EXTERNAL, items=call.switches.fill_defaults == "on")
    created = typed(filled, identifier, EXTERNAL)
    commit(call, lambda: call.tenant.put(identifier, created, actor(call)))
    if call.switches.external_post == "204_empty":
        return Answer(204)
    status = 200 if call.switches.external_post == "200_entity" else 201
    return Answer(status, call.view.entity(created))


@enforces("opt-out-select")
def _selected(call: Call) -> set[str] | None:
    select = call.query("$select")
    names = {name.strip() for name in select.split(",")} if select else None
    undeclared = [name for name in names or () if name.lower() == OPT_OUT.lower()]
    if undeclared:
        raise GraphError("select-unknown", f"Could not find a property named '{undeclared[0]}'.")
    if not call.message.query or call.switches.policy_query == "ignore":
        return None
    if call.switches.policy_query == "reject_400":
        raise GraphError("query-refused", "Query options are not supported here.")
    for name in names or ():
        if not call.offer.shows(POLICY, name, writing=False):
            raise GraphError("select-unknown", f"Could not find a property named '{name}'.")
    return names


def _writable(body: JsonObject, call: Call) -> JsonObject:
    """Take out what a PATCH may not set, or refuse it; what is unknown is refused elsewhere."""
    return {name: value for name, value in body.items() if not _is_fixed(name, value, call)}


def _is_fixed(name: str, value: Any, call: Call) -> bool:
    if is_annotation(name) or not call.offer.shows(POLICY, name, writing=True):
        return False
    everything = call.switches.root_writable == "all" and name not in _FIXED
    if everything or name in (*_NAMED, _MIGRATION):
        return False
    own_id = name == "id" and value == POLICY
    if call.switches.root_unwritable == "reject_400" and not own_id:
        raise GraphError("property-read-only", f"The property '{name}' is read-only.")
    return True


def _root_configurations(body: JsonObject, call: Call) -> list[tuple[JsonObject, JsonObject]]:
    """Take the configurations out of the policy's own body, where the switches let them in."""
    if CONFIGURATIONS not in body or call.switches.root_writable != "all":
        return []
    rows = body.pop(CONFIGURATIONS)
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise GraphError("value-type", f"'{CONFIGURATIONS}' is an array of objects.")
    pairs = []
    for row in rows:
        stored = call.tenant.find(str(row.get("id")))
        if stored is None or not call.view.has(stored):
            raise missing(str(row.get("id")))
        updated(stored, row, call)
        pairs.append((stored, row))
    return pairs


@enforces("migration-null")
def _without_migration(sent: JsonObject, call: Call) -> JsonObject:
    if _MIGRATION not in sent:
        return sent
    refused = call.switches.migration_patch
    if refused == "reject_400" or (refused == "beta_only" and call.version == "v1.0"):
        raise GraphError("migration-refused", f"The property '{_MIGRATION}' cannot be updated.")
    fixed = call.tenant.policy.get(_MIGRATION) is None
    if fixed or call.switches.migration_patch == "ignore":
        return {name: value for name, value in sent.items() if name != _MIGRATION}
    return sent


def _found(call: Call, policy: JsonObject) -> JsonObject:
    wanted = call.names[0]
    stored = call.tenant.find(wanted, policy)
    if stored is None or not call.view.has(stored):
        raise missing(wanted)
    if call.switches.id_case == "exact" and call.view.shown_id(stored) != wanted:
        raise missing(wanted)
    longer = stored["id"] == "VerifiableCredentials" and (
        call.switches.verifiable_credentials_url == "with_id"
    )
    if len(call.names) != (2 if longer else 1):
        raise missing(call.names[-1])
    return stored
