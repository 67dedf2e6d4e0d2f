"""Runs the command in a folder of its own: the real SDK, and the mock over HTTP."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, Mock, Server
from tests import called, warm
from tests.called import LONGEST

NO_PATIENCE = {"graphpolicy.graph.retry.OUTAGE_SECONDS": 0.0}
NO_WAITING = {
    "graphpolicy.graph.retry.LONGEST_BACK_OFF": 0.0,
    "graphpolicy.graph.protocols.FIRST_WAIT": 0.01,
}
"""It tries again, and looks again, at once."""
KEPT = ("PATH", "PYTHONPATH", "HOME", "TMPDIR", "SYSTEMROOT", "LANG")
COMMAND = str(Path(sys.executable).with_name("graphpolicy"))
FORKS = hasattr(os, "fork") and "INSTALLED" not in os.environ
VOLATILE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Done:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


Process: TypeAlias = "subprocess.Popen[str]"


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def command_line() -> str:
    """How a script of bash runs the command."""
    if not FORKS:
        return COMMAND
    client = Path(warm.__file__).with_name("warm_client.py")
    return f"{sys.executable} -I -S {client} {warm.address()}"


def _run(
    shell: Shell,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    meanwhile: Callable[[int], object] | None = None,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Done:
    with (
        Path(os.devnull).open("rb") as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        streams = (
            nothing.fileno() if stdin is None else stdin,
            out.fileno() if stdout is None else stdout,
            err.fileno() if stderr is None else stderr,
        )
        if not shell.installed:
            code = warm.run(
                warm.address(),
                arguments,
                environment=environment,
                folder=str(shell.folder),
                streams=streams,
                settings=shell.settings,
                ahead=shell.ahead,
                timeout=LONGEST,
                meanwhile=meanwhile,
            )
        else:
            with subprocess.Popen(
                [COMMAND, *arguments],
                cwd=shell.folder,
                env=environment,
                stdin=streams[0],
                stdout=streams[1],
                stderr=streams[2],
            ) as process:
                if meanwhile:
                    meanwhile(process.pid)
                code = process.wait(LONGEST)
        return Done(code, called.text(out), called.text(err))


@dataclass
class Shell:
    """Runs the command in a folder of its own, in a scrubbed environment.

    It is called in this process, or a fork of one that has loaded it (`tests/warm.py`), which takes
    twice the time. Where there are no forks, and where the environment has `INSTALLED`, the
    installed command, `COMMAND`, is started each time.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, float] = field(default_factory=dict)
    """How long it waits for what does not come: constants of graphpolicy by their full names."""
    ahead: float = 0.0
    """How far its clock is ahead of the machine's, in seconds."""
    forks: bool = False
    """Whether each command is a process of its own: with the mark `e2e`."""
    installed: bool = not FORKS
    """Whether each is the installed command."""

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None) -> Done:
        if self.forks or self.installed:
            result = _run(self, arguments, {**self.environment, **(env or {})})
            assert "Traceback" not in result.text
            return result
        return self.called(*arguments, env=env)

    def called(self, *arguments: str, env: Mapping[str, str] | None = None) -> Done:
        """The command in this process, where something of it may be replaced."""
        with called.as_process(
            {**self.environment, **(env or {})}, self.folder, self.settings, self.ahead
        ):
            result = Done(*called.command(arguments))
        assert "Traceback" not in result.text
        return result

    def watched(
        self, meanwhile: Callable[[int], object], *arguments: str, **streams: int | None
    ) -> Done:
        """The command in a process of its own, and what happens while it runs.

        `meanwhile` is given the id of the process. `streams` are some of stdin, stdout and stderr.
        """
        return _run(self, arguments, self.environment, meanwhile=meanwhile, **streams)

    def answered(self, lines: Sequence[str], *arguments: str) -> Done:
        """The command, whose questions a person answers with these lines at a terminal."""
        ours, theirs = os.openpty()
        try:
            os.write(ours, "".join(f"{line}\n" for line in lines).encode())
            return _run(self, arguments, self.environment, stdin=theirs)
        finally:
            os.close(theirs)
            os.close(ours)

    def days_pass(self, mock: Mock, days: int) -> None:
        """Move the clock forward for the commands and for Graph; started commands don't notice."""
        if self.installed:
            pytest.skip("the clock of a started command can't be moved")
        mock.advance(days * 86_400)
        self.ahead += days * 86_400
        self.environment["GRAPHPOLICY_ACCESS_TOKEN"] = mock.issue_token()

    @contextmanager
    def begun(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[Process]:
        """The command while it runs."""
        with subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            yield process

    def write(self, text: str, name: str = "policies/contoso.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def policy(methods: str, tenant: str = "11111111-2222-4333-8444-555555555555") -> str:
    """A policy file with these configurations, indented by the caller as at the top level."""
    indented = "".join(f"    {line}\n" for line in methods.strip("\n").splitlines())
    return (
        f"version: 1\ntenant: {{id: {tenant}}}\n"
        "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n" + indented
    )


def proposed(done: Done) -> list[list[str]]:
    """The arguments of every command of ours that the output proposes."""
    found = re.findall(r"`graphpolicy ([^`]+)`", done.text)
    return [shlex.split(each) for each in dict.fromkeys(found)]


def nobody_registered(mock: Mock) -> Mock:
    """The mock whose report says that nobody has registered anything: no plan locks them out."""
    for person in mock.tenant().directory.people:
        mock.report_as(person["id"], ())
    return mock


def without_rules(shell: Shell) -> Shell:
    """The shell, with a policy of the mock tenant that has no house rules for the helpdesk."""
    tenant = "11111111-2222-4333-8444-555555555555"
    shell.write(f"version: 1\ntenant: {{name: contoso, id: {tenant}}}\n")
    return shell


def enters_codes(mock: Mock, person: str | None) -> None:
    """Let this person enter a device's code as soon as it is given out, or (None) decline it."""
    sign_ins = mock.world.sign_ins

    class Given(dict[str, str]):
        def __setitem__(self, user_code: str, code: str) -> None:
            super().__setitem__(user_code, code)
            sign_ins.answer(user_code, person)

    sign_ins.codes = Given()


def give_pass(mock: Mock, user: str) -> str:
    """Give a person a pass that the command did not make; returns its secret."""
    mock.portal("TemporaryAccessPass", {"state": "enabled"}, actor="somebody")
    where = f"/v1.0/users/{user}/authentication/temporaryAccessPassMethods"
    secret: str = mock.ask("POST", where, {}).body["temporaryAccessPass"]
    return secret


def stable(text: str, folder: Path) -> str:
    """Output without what differs from run to run: request ids, moments and folders."""
    text = re.sub(r"request-id \S+", "request-id ID", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "MOMENT", text)
    text = re.sub(r"\d{8}T\d{6}Z-", "RUN-", text)
    return text.replace(str(folder), "FOLDER")


def application(server: Server) -> dict[str, str]:
    """The variables by which the mock's application signs in to every tenant, with a secret."""
    return {
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "AZURE_AUTHORITY_HOST": server.authority,
        "AZURE_CLIENT_ID": DEFAULT_APPLICATION,
        "AZURE_CLIENT_SECRET": DEFAULT_SECRET,
        "SSL_CERT_FILE": str(server.certificate),
    }
