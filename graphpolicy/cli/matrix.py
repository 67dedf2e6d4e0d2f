"""ci matrix: the jobs of a workflow, one or several for each ring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.github_job import append_for_job, output_lines
from graphpolicy.cli.options import Context, paths, verb_options
from graphpolicy.cli.planning import ring_option
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.rollouts.rings import Ring


@click.command()
@paths
@verb_options
@ring_option
@click.option(
    "--shards",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Give each job several tenants: at most N jobs for each ring.",
)
def matrix(
    context: Context, path: tuple[str, ...], *, ring: tuple[Ring, ...], shards: int | None
) -> int:
    """Print the matrix of jobs of each ring, for `strategy.matrix`.

    A job has tenant, short, plan-environment and apply-environment, as the workflows in this folder
    name them; with --shards it has shard, tenants (for --tenant) and the two environments. Also
    writes ring-1, ring-2, ... and ring-none to GITHUB_OUTPUT if it is set, each for fromJSON. With
    one --ring, only that matrix is printed.
    """
    import json

    from graphpolicy.commands.added_tenant import environments_in
    from graphpolicy.commands.tenants import wanted_policies
    from graphpolicy.disk.json_text import encoded
    from graphpolicy.policyfile.load import load
    from graphpolicy.starter.workflows import matrices

    console, known = context.console, load(path, context.facts)
    chosen, findings = wanted_policies(known, context.tenants, path, ring)
    if not chosen:
        console.tell(found for found in findings if found.level == "error")
        return Exit.FAILED
    names, given = [each.name for each in known.tenants], environments_in(Path())
    made = matrices(chosen, names, shards, console.typed, given)
    texts = {name: json.dumps(each, separators=(",", ":")) for name, each in made.items()}
    append_for_job(context.environment.get("GITHUB_OUTPUT"), output_lines(texts))
    console.result(encoded(*made.values() if len(ring) == 1 else [made]), "json")
    return Exit.DONE
