"""doctor: check sign-in, permissions and reachability of each tenant before anything is planned."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY
from graphpolicy.commands.plan import of_graph_error
from graphpolicy.graph.account_health import examine_accounts
from graphpolicy.graph.connection import authority, graph_root
from graphpolicy.graph.emergency_accounts import look_up_accounts, look_up_refused
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import each_of, together
from graphpolicy.guards.acknowledgements import accepted
from graphpolicy.guards.emergency_access import unknown_accounts
from graphpolicy.helpdesk.house_rules import unknown_groups
from graphpolicy.model import Desired, Emergencies, Failure, Finding, Json, Version
from graphpolicy.plan.emergency_findings import emergency_findings
from graphpolicy.plan.emergency_health import judged
from graphpolicy.plan.permission_check import (
    Federation,
    PermissionCheck,
    at_sign_in,
    checked,
    identity,
)
from graphpolicy.plan.review_order import HOUSEKEEPING
from graphpolicy.plan.verb_permissions import needs

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph, Session


async def examine_each(
    session: Session, policies: Sequence[Desired], today: str
) -> list[PermissionCheck]:
    """Examine all tenants at the same time, in order. `today` is the date in UTC, YYYY-MM-DD."""
    return await together(examine(session, desired, today) for desired in policies)


async def examine(session: Session, desired: Desired, today: str) -> PermissionCheck:
    """Sign in to one tenant, check the token, read the policy once, and look up names in files.

    It examines the emergency accounts, too. What fails is in the result: its `failure`, with the
    exit code.
    """
    connection, tenant = session.connection, desired.tenant
    graph = session.tenant(tenant)
    failure: Failure | None = None
    held, answered = None, None
    findings: tuple[Finding, ...] = ()
    job = None
    try:
        claims = await session.wire.sign_in.job_claims(tenant)
        job = claims and Federation(
            str(claims.get("iss")), str(claims.get("sub")), str(claims.get("aud"))
        )
        held = identity(await graph.token_claims())
        version: Version = "beta" if tenant.cloud == "china" else "v1.0"
        started = time.perf_counter()
        policy = await graph.get(version, AUTHENTICATION_METHODS_POLICY.url)
        answered = round((time.perf_counter() - started) * 1000)
        findings = await _named(graph, desired, {version: policy}, today)
    except GraphError as problem:
        failure = of_graph_error(tenant, desired.file, problem)
    sign_in = session.wire.sign_in
    credential, because = sign_in.chosen
    found = checked(needs(desired), held)
    return PermissionCheck(
        tenant=tenant,
        file=desired.file,
        credential=credential,
        because=because,
        authority=authority(connection, tenant.cloud),
        root=graph_root(connection, tenant.cloud),
        identity=held,
        checked=at_sign_in(found) if sign_in.account else found,
        account=sign_in.account,
        federation=job or None,
        answered=answered,
        failure=failure,
        findings=findings,
    )


async def _named(
    graph: Graph, desired: Desired, policy: Mapping[Version, Mapping[str, Json]], today: str
) -> tuple[Finding, ...]:
    """Findings about the accounts in `emergencyAccess` and the groups in `helpdesk.refuse`."""
    accounts, refused = await each_of(
        look_up_accounts(graph, desired.emergency_access), look_up_refused(graph, desired.helpdesk)
    )
    examined = await examine_accounts(graph, accounts, policy) if accounts else Emergencies()
    accounts = tuple(each.account for each in examined.entries)
    entries = judged(examined, desired.places)
    health = accepted(emergency_findings(entries), desired.acknowledgements, (), {}, today)
    return (
        *unknown_accounts(accounts, desired.places, changes=True, taking=True),
        *(each for each in health if each.rule not in HOUSEKEEPING),
        *unknown_groups(refused, desired),
    )
