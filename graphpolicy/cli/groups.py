"""groups: which groups the policy files use, and where."""

from __future__ import annotations

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.options import Context, paths, tenant_options


@click.command()
@paths
@tenant_options("GroupList")
def groups(context: Context, path: tuple[str, ...]) -> int:
    """List the groups that the files use: ids, sizes, and where.

    A group that the directory does not have, or has more than once, is an error.
    """
    from graphpolicy.commands.groups import list_each
    from graphpolicy.plan.group_list import GroupList

    policies = policies_for(context, path, wrong=lambda found: GroupList((), found))
    result = connected(context, lambda session, _say: list_each(session, policies), policies)
    return context.console.answer(result)
