"""The common flags of a verb, as its work needs them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.console import Console
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.commands.defaults import Defaults


@dataclass(frozen=True, slots=True)
class Context:
    """The common flags of a verb: output, tenant, sign-in and folder of records."""

    console: Console = field(default_factory=Console)
    tenants: tuple[str, ...] = ()
    """The names or ids of `--tenant`; empty for all."""
    auth: str = "auto"
    client_id: str = ""
    """The value of `--client-id`; '' if it is not given."""
    own_state_dir: str = ""
    """The value of `--state-dir`; '' if it is not given."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    own_facts: Facts | None = None
    """None if the verb has no `--facts`."""
    own_defaults: Defaults | None = None
    """None before the verb is known."""

    @property
    def tenant(self) -> str | None:
        """The tenant of a verb that is about one.

        Raises:
            click.UsageError: `--tenant` names several.
        """
        if len(self.tenants) > 1:
            raise click.UsageError("--tenant names several tenants, and this verb takes one.")
        return next(iter(self.tenants), None)

    @property
    def facts(self) -> Facts:
        """Microsoft's defaults, limits and retirements."""
        from graphpolicy.catalogue.facts import Facts

        return self.own_facts or Facts.shipped()

    @property
    def defaults(self) -> Defaults:
        """The values of flags that are not given."""
        from graphpolicy.commands.defaults import Defaults

        return self.own_defaults or Defaults({})

    @property
    def state_dir(self) -> str:
        """The folder where runs are recorded."""
        from graphpolicy.disk.home import state_path

        chosen = self.defaults.values.get("paths")
        return self.own_state_dir or state_path(chosen.values[0] if chosen else "")

    @property
    def now(self) -> Callable[[], str]:
        """The clock, in UTC: 2026-11-24T13:50:01Z."""
        from datetime import UTC, datetime

        return lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def today(self) -> str:
        """Today in UTC, YYYY-MM-DD."""
        return self.now()[:10]
