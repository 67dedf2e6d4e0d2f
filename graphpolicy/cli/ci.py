"""ci: the verbs for a job on GitHub."""

from __future__ import annotations

import click

from graphpolicy.cli.adopt_drift import adopt_drift
from graphpolicy.cli.comment import comment
from graphpolicy.cli.drift_issue import drift_issue
from graphpolicy.cli.fleet import fleet
from graphpolicy.cli.matrix import matrix
from graphpolicy.cli.notify import notify
from graphpolicy.cli.open_wave import open_wave
from graphpolicy.cli.outputs import outputs
from graphpolicy.cli.summary import summary


@click.group()
def ci() -> None:
    """In a GitHub job: comment on changes, track and adopt drift.

    Reads GITHUB_TOKEN and the variables that GitHub sets for every job.
    """


ci.add_command(adopt_drift)
ci.add_command(comment)
ci.add_command(drift_issue)
ci.add_command(fleet)
ci.add_command(matrix)
ci.add_command(notify)
ci.add_command(open_wave)
ci.add_command(outputs)
ci.add_command(summary)
