"""The table of verbs: each row is a command, and using one does not load another's module."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from graphpolicy.cli import main
from graphpolicy.cli.verbs import VERBS, cli


def test_each_row_is_a_command_that_says_what_it_does() -> None:
    context = click.Context(cli)
    for name, does in VERBS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(limit=200) == does
        assert does.endswith(".")


def test_help_lists_the_verbs_in_the_order_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    listed = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == list(VERBS)


def test_a_mistyped_verb_is_told_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["valdate"])
    assert ended.value.code == 64
    assert "Did you mean 'validate'?" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "module"), [(["schema", "-h"], "schema"), (["-h"], None)])
def test_a_verb_loads_no_other_verbs_module(arguments: list[str], module: str | None) -> None:
    program = f"""
import sys
from graphpolicy.cli import main
try:
    main({arguments})
except SystemExit:
    print(*(name for name in sys.modules if name.startswith("graphpolicy.cli.")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    verbs = {f"graphpolicy.cli.{name}" for name in VERBS}
    assert loaded & verbs == ({f"graphpolicy.cli.{module}"} if module else set())
