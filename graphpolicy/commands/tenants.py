"""The tenants that a command is about, from flags, policy files and credentials."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from graphpolicy.catalogue.shared import GUID
from graphpolicy.commands.defaults import policies_paths, policies_there
from graphpolicy.compare.resolve import group_names
from graphpolicy.graph.connection import Connection
from graphpolicy.graph.kept_sign_ins import kept_tenants
from graphpolicy.graph.tokens import token_tenant
from graphpolicy.graph.variables import TENANT_ID, in_pipeline
from graphpolicy.model import UNNAMED, Desired, Finding, Tenant
from graphpolicy.model.errors import Exit, UsageError
from graphpolicy.policyfile.load import Policies, load
from graphpolicy.policyfile.placeholders import (
    RULE as PLACEHOLDER,
    TENANT_ID as PLACEHOLDER_TENANT,
    refusing,
)
from graphpolicy.rollouts.rings import Ring, by_ring, rings_of, value

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session

HOME = Tenant("your tenant", "")
"""The tenant of the account that signs in, if nothing else names one."""


def wanted_policies(
    policies: Policies,
    wanted: Sequence[str],
    paths: Sequence[str],
    rings: Collection[Ring] = (),
) -> tuple[list[Desired], tuple[Finding, ...]]:
    """The deployable policies ring by ring, and findings.

    Only those of the tenants with a `wanted` name or id, if any are, and of `rings`, if any are.
    No policies if a finding is an error.

    Raises:
        UsageError: no file has one of the rings, or no wanted tenant is in them.
    """
    if not policies.sound:
        return [], policies.findings
    known = policies.desired
    missing = [name for name in wanted if not any(_is(each.tenant, name) for each in known)]
    chosen = [
        desired
        for desired in known
        if not missing and (not wanted or any(_is(desired.tenant, name) for name in wanted))
    ]
    if chosen:
        chosen = _of_rings(chosen, rings, [each.tenant for each in known])
        findings = tuple(refusing(policies.findings, chosen))
        unfilled = any(found.rule == PLACEHOLDER and found.level == "error" for found in findings)
        return [] if unfilled else chosen, findings
    if known:
        message = f"no file is for tenant {', '.join(map(repr, missing))}"
        names = ", ".join(desired.tenant.name for desired in known)
        found = Finding("unknown-tenant", "error", message, f"the files have: {names}")
    else:
        found = Finding(
            "no-deployable-file",
            "error",
            f"no deployable policy file under {', '.join(paths)}",
            "a deployable file has a `tenant:` block with the tenant's id",
        )
    return [], (*policies.findings, found)


def _is(tenant: Tenant, wanted: str) -> bool:
    return wanted == tenant.name or wanted.lower() == tenant.id


def _of_rings(
    chosen: Sequence[Desired], rings: Collection[Ring], tenants: Sequence[Tenant]
) -> list[Desired]:
    """The policies of these rings, or of all, ring by ring; `tenants` are all that files have."""
    there = rings_of(tenants)
    unknown = [value(ring) for ring in rings if ring not in there]
    if unknown:
        raise UsageError(
            f"no tenant is in ring {', '.join(unknown)}; nothing was read",
            f"the files have the rings {', '.join(map(value, there))}"
            if there
            else "a tenant's file names its ring: tenant: {id: TENANT ID, ring: 1}",
        )
    found = [
        desired
        for ring, own in by_ring(chosen, lambda each: each.tenant)
        if not rings or ring in rings
        for desired in own
    ]
    if not found:
        names = ", ".join(desired.tenant.name for desired in chosen)
        raise UsageError(
            f"--ring {','.join(map(value, rings))} leaves out {names}; nothing was read",
            "give --tenant or --ring alone",
        )
    return found


def names_declared_for(tenant: Tenant) -> frozenset[str]:
    """The group names that a tenant's files under policies/ mention; none without files."""
    own = [each for each in own_policies().desired if each.tenant.id == tenant.id]
    return group_names(resource for each in own for resource in each.mentioned)


def known_tenants() -> tuple[Tenant, ...]:
    """The tenants of the files under policies/; none without files."""
    return own_policies().tenants


def own_policies() -> Policies:
    """The policies at the default paths; none if there is no folder policies, here or above."""
    return load(policies_there())


def _where() -> str:
    """The default paths, for messages."""
    return ", ".join(policies_paths())


def own_policy(wanted: str | None, environment: Mapping[str, str]) -> tuple[Tenant, Desired | None]:
    """The tenant of a helpdesk command, as `own_tenant` finds it, and its policy.

    The policy is None if no file is for the tenant.

    Raises:
        UsageError: it is not clear which tenant is meant, or a file has errors: its house rules
            are not known then, so nobody may be helped.
    """
    tenant = own_tenant(wanted, environment)
    policies = own_policies()
    if policies.files and not policies.sound:
        raise UsageError(
            f"the policy files under {_where()} have errors, so their house rules are not "
            "known; nothing was done",
            "fix what `graphpolicy validate` finds",
            Exit.FAILED,
        )
    return tenant, next((one for one in policies.desired if one.tenant.id == tenant.id), None)


def own_tenant(
    wanted: str | None, environment: Mapping[str, str], *, or_home: bool = False
) -> Tenant:
    """The tenant named by the flag, else the only one under policies/, else the credential's own.

    If nothing names a tenant and `or_home`, it is `HOME`.

    Raises:
        UsageError: none of these names exactly one tenant, or its id is still a placeholder.
    """
    tenant = _own_tenant(wanted, environment, or_home=or_home)
    if tenant.id == PLACEHOLDER_TENANT:
        raise UsageError(
            f"the id of tenant {tenant.name!r} is a placeholder",
            "enter the tenant's directory id in its file, or name a tenant with --tenant ID",
            Exit.FAILED,
        )
    return tenant


async def at_home(session: Session, tenant: Tenant) -> Tenant:
    """The tenant; for `HOME` that of the account that signs in.

    Raises:
        SignInError: sign-in failed.
        UsageError: the token does not say which tenant it is for.
    """
    if tenant.id:
        return tenant
    id_ = await session.tenant(tenant).token_tenant()
    if id_ is None:
        raise UsageError("the token does not say which tenant it is for", "add --tenant ID")
    return Tenant(UNNAMED, id_)


def tenant_of(wanted: str | None, environment: Mapping[str, str]) -> Tenant:
    """The tenant as `own_tenant` finds it; a placeholder if nothing names one."""
    try:
        return _own_tenant(wanted, environment)
    except UsageError:
        if wanted or policies_there():
            raise
        return Tenant(UNNAMED, PLACEHOLDER_TENANT)


def _own_tenant(
    wanted: str | None, environment: Mapping[str, str], *, or_home: bool = False
) -> Tenant:
    policies = own_policies()
    known, unclear = policies.tenants, policies.unclear
    see = f"; a file under {_where()} does not say which tenant it is for: see "
    see += "`graphpolicy validate`"
    if wanted:
        for tenant in known:
            if wanted == tenant.name or wanted.lower() == tenant.id:
                return tenant
        if re.fullmatch(GUID, wanted) and not unclear:
            return Tenant(UNNAMED, wanted.lower())
        raise UsageError(
            f"no policy file is for tenant {wanted!r}{see if unclear else ''}",
            "give --tenant the tenant's id (a GUID), or a name from policies/",
        )
    if len(known) == 1 and not unclear:
        return known[0]
    if known or unclear:
        names = ", ".join(tenant.name for tenant in known)
        raise UsageError(
            f"there are several tenants{see if unclear else ''}",
            f"pick one with --tenant: {names}" if names else "fix that file first",
        )
    token = environment.get("GRAPHPOLICY_ACCESS_TOKEN", "")
    id_ = token_tenant(token) if token else None
    for name in TENANT_ID:
        id_ = id_ or environment.get(name)
    kept = (
        () if id_ or in_pipeline(environment) else kept_tenants(Connection(environment=environment))
    )
    if len(kept) > 1:
        raise UsageError(
            "sign-ins to several tenants are kept",
            f"pick one with --tenant: {', '.join(kept)}",
        )
    id_ = id_ or next(iter(kept), None)
    if id_ is None and or_home:
        return HOME
    if not isinstance(id_, str) or not re.fullmatch(GUID, id_):
        raise UsageError(
            "neither policy files nor credentials say which tenant to use",
            "sign in with `graphpolicy login`, add --tenant ID, or set AZURE_TENANT_ID",
        )
    return Tenant(UNNAMED, id_.lower())
