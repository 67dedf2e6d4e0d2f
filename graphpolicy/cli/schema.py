"""schema: the JSON Schema of the policy language."""

from __future__ import annotations

import click

from graphpolicy.cli.options import Context, verb_options
from graphpolicy.model.errors import Exit


@click.command()
@verb_options
def schema(context: Context) -> int:
    """Print the JSON Schema of the policy language, for editors."""
    from graphpolicy.disk.json_text import encoded
    from graphpolicy.policyfile.json_schema import schema as policy_schema

    context.console.result(encoded(policy_schema()), "json")
    return Exit.DONE
