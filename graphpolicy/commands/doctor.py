"""What works and what does not, before anything is planned: sign-in, permissions, reachability."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphpolicy.catalogue.permissions import POLICY_URL
from graphpolicy.checkup import Checkup, Federation, checked, identity, needs
from graphpolicy.graph.connection import authority, chosen, graph_root
from graphpolicy.graph.errors import SIGN_IN, GraphFailure
from graphpolicy.graph.together import together
from graphpolicy.model import Desired, Failure, Version
from graphpolicy.verdict import worst

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session


async def examine_each(session: Session, policies: Sequence[Desired]) -> list[Checkup]:
    """Examine every tenant, concurrently."""
    return await together(examine(session, desired) for desired in policies)


async def examine(session: Session, desired: Desired) -> Checkup:
    """Sign in to one tenant, look at the token, and ask Graph for the policy once."""
    connection, tenant = session.connection, desired.tenant
    graph = session.tenant(tenant)
    credential, because = chosen(connection)
    failure: Failure | None = None
    held, answered = None, None
    job = None
    try:
        claims = await session.sign_in.job_claims(tenant)
        job = claims and Federation(
            str(claims.get("iss")), str(claims.get("sub")), str(claims.get("aud"))
        )
        held = identity(await graph.token_claims())
        version: Version = "beta" if tenant.cloud == "china" else "v1.0"
        started = time.perf_counter()
        await graph.get(version, POLICY_URL)
        answered = round((time.perf_counter() - started) * 1000)
    except GraphFailure as problem:
        failure = Failure(
            tenant,
            desired.file,
            problem.code or "graph-error",
            problem.text,
            problem.help,
            problem.exit_code,
        )
    return Checkup(
        tenant=tenant,
        file=desired.file,
        credential=credential,
        because=because,
        authority=authority(connection, tenant.cloud),
        root=graph_root(connection, tenant.cloud),
        identity=held,
        checked=checked(needs(desired), held),
        federation=job or None,
        answered=answered,
        failure=failure,
    )


def exit_code(checkups: Sequence[Checkup]) -> int:
    """0 where a plan can be made; a token that can't write is what a plan should have."""
    return worst(
        item.failure.exit_code if item.failure else 0 if item.works("plan") else SIGN_IN
        for item in checkups
    )
