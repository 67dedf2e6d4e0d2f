"""doctor: who is signed in, which permissions the policy needs, and what is missing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.flag_defaults import listed_defaults
from graphpolicy.cli.options import Context, paths, tenant_options

if TYPE_CHECKING:
    from graphpolicy.model import Finding


@click.command()
@paths
@tenant_options("PermissionChecks")
def doctor(context: Context, path: tuple[str, ...]) -> int:
    """Show who is signed in, and which permissions are missing.

    It checks the permissions that the policy files need for plan and for apply.
    """
    from graphpolicy.commands.doctor import examine_each
    from graphpolicy.commands.tenants import own_tenant
    from graphpolicy.disk.home import POLICIES
    from graphpolicy.model import Desired
    from graphpolicy.plan.permission_check import PermissionChecks

    def wrong(findings: tuple[Finding, ...]) -> PermissionChecks:
        return PermissionChecks((), findings, listed_defaults(context))

    if path == (POLICIES,) and not os.path.exists(POLICIES):  # noqa: PTH110 - slow to load
        policies = [Desired("", own_tenant(context.tenant, context.environment), ())]
    else:
        policies = policies_for(context, path, wrong=wrong)
    checkups = connected(
        context, lambda session, _say: examine_each(session, policies, context.today), policies
    )
    result = PermissionChecks(tuple(checkups), defaults=listed_defaults(context))
    return context.console.answer(result)
