"""The verbs that write to a tenant: apply and rollback."""

from __future__ import annotations

import json
import signal
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.options import (
    Context,
    F,
    connection_options,
    facts_option,
    format_options,
    paths,
    verb_options,
)

if TYPE_CHECKING:
    from graphpolicy.cli.progress import Progress
    from graphpolicy.commands.apply import Writing
    from graphpolicy.commands.consenting import Expected
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Desired, Json, Report
    from graphpolicy.plan import Planned
