"""Runs SETUP.md with an `az`, a `gh` and a `git` that take notes, and the mock as the tenant."""

from __future__ import annotations

import json
import os
import re
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

IDS = {"login": "contoso", "owner": 5544123, "repository": 821093847}
GRAPH_APP = "00000003-0000-0000-c000-000000000000"


FLAGS = {
    "auth status": {"--hostname"},
    "auth login": {"--hostname", "--git-protocol", "--scopes"},
    "auth setup-git": {"--hostname"},
    "repo view": set[str](),
    "repo create": {"--private"},
    "variable set": {"--repo", "--env", "--body"},
    "pr create": {"--repo", "--base", "--head", "--fill"},
    "workflow run": {"--repo"},
    "run list": {"--repo", "--workflow", "--limit", "--json"},
    "run watch": {"--repo"},
    "run view": {"--repo", "--log"},
    "api": {"--method", "--input", "--header", "-f", "-F"},
}
"""The flags that a verb of gh may be given here; gh has each of them."""

TEAM = "orgs/contoso/teams/identity"


TOOL = """#!/bin/bash
# Tells the test what it is asked, and answers what the test says.
name=${0##*/} own=$TOOLS/request.$$
printf '%s\\0' "$name" "$@" > "$own"
case "$*" in *--input*) cat > "$own.stdin" ;; esac
exec 3<>"/dev/tcp/127.0.0.1/$TOOLS_PORT"
echo "$own" >&3
read -r code <&3
IFS= read -rd '' text <&3
printf '%s' "$text"
[ "$name" != git ] || [ "$1" = push ] || exec /usr/bin/git "$@"
exit "$code"
"""


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def program(shell: str) -> tuple[str, list[str]]:
    """A shell's blocks on the page, and how it runs a script."""
    if shell == "bash":
        return "sh", ["bash", "-uo", "pipefail"]
    return "powershell", ["pwsh", "-NoProfile", "-NonInteractive", "-File"]


class Setup:
    """The tools in their own folder, and what they recorded.

    `graph` is what Graph lists at a path; it has the service principal of Graph alone at first.
    """

    def __init__(
        self,
        folder: Path,
        command: str,
        environment: Mapping[str, str],
        roles: Mapping[str, str],
    ) -> None:
        self.folder = folder
        self.tools = folder.parent / f"{folder.name}-tools"
        self.tools.mkdir()
        rows = [{"id": id_, "value": value} for value, id_ in roles.items()]
        graph = {"id": "graph", "appId": GRAPH_APP, "appRoles": rows}
        self.graph: dict[str, list[dict[str, Any]]] = {"servicePrincipals": [graph]}
        self.done: set[str] = set()
        self.notes: list[list[str]] = []
        self.bodies: list[tuple[str, Any]] = []
        self.log = ""
        self.environment = {
            **environment,
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            "TOOLS": str(self.tools),
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_NAME": "Ana" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "ana@contoso.com" for who in ("AUTHOR", "COMMITTER")},
        }
        for name in ("az", "gh", "git", "pip", "sleep"):
            (self.tools / name).write_text(TOOL, encoding="utf-8")
        (self.tools / "graphpolicy").write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        for tool in self.tools.iterdir():
            tool.chmod(0o755)

    def answer(self, name: str, arguments: list[str], stdin: str) -> tuple[int, str]:
        """The output of a tool, and its exit code."""
        self.notes.append([name, *arguments])
        tool = {"az": self.az, "gh": self.gh}.get(name)
        found = tool(arguments, stdin) if tool else None
        if isinstance(found, int):
            return found, ""
        return 0, found if isinstance(found, str) else "" if found is None else json.dumps(found)

    def az(self, arguments: list[str], _stdin: str) -> Any:
        """Azure CLI, not signed in: `rest` answers as Graph, which lists what was made."""
        if arguments[0] != "rest":
            return None if arguments[0] in ("login", "cloud") else 1
        flags = dict(zip(arguments[1::2], arguments[2::2], strict=True))
        assert flags["--url"].startswith(f"{flags['--resource']}/v1.0/")
        path, _, asked = flags["--url"].split("/v1.0/")[1].partition("?$filter=")
        rows = self.graph.setdefault(path, [])
        if flags["--method"] == "GET":
            name, _, value = asked.partition(" eq ")
            return {"value": [row for row in rows if not name or row.get(name) == value[1:-1]]}
        if flags["--method"] == "DELETE":
            folder, _, id_ = path.rpartition("/")
            self.graph[folder] = [row for row in self.graph[folder] if row["id"] != id_]
            return None
        body = flags["--body"]
        made = json.loads(Path(body[1:]).read_text() if body.startswith("@") else body)
        number = sum(map(len, self.graph.values()))
        made = {"id": f"{number:08}-0000-4000-8000-000000000000", **made}
        if path == "applications":
            made["appId"] = f"{number:08}-aaaa-4000-8000-000000000000"
        if path == "servicePrincipals":
            [app] = [row for row in self.graph["applications"] if row["appId"] == made["appId"]]
            made["displayName"] = app["displayName"]
        rows.append(made)
        return made

    def gh(self, arguments: list[str], stdin: str) -> Any:
        """GitHub CLI, not signed in at first, for a repository that is not there at first.

        Whoever approves may not write to it: the team at all, and a person reads.
        """
        verb = "api" if arguments[0] == "api" else " ".join(arguments[:2])
        assert {each for each in arguments if re.match("--?[A-Za-z]", each)} <= FLAGS[verb]
        match " ".join(arguments[:2]):
            case "auth status" | "repo view" as asked:
                return None if asked in self.done else 1
            case "auth login":
                self.done.add("auth status")
            case "repo create":
                self.done.add("repo view")
            case "run list":
                return [{"databaseId": 77}]
            case "run view":
                return self.log
            case "api repos/contoso/policy":
                owner = {"login": "contoso", "id": IDS["owner"]}
                return {"owner": owner, "name": "policy", "id": IDS["repository"]}
            case asked if asked == f"api {TEAM}/repos/contoso/policy":
                return 1
            case asked if asked.endswith("/permission"):
                return {"permission": "admin" if asked.endswith("/ana/permission") else "read"}
            case _ if arguments[0] == "api" and len(arguments) == 2:
                return {"id": 42 if "teams" in arguments[1] else 43, "name": "whoever approves"}
        if stdin:
            self.bodies.append((arguments[3], json.loads(stdin)))
        return None

    def run(self, shell: str, lines: Sequence[str]) -> str:
        _, command = program(shell)
        script = self.tools / ("script.sh" if shell == "bash" else "script.ps1")
        script.write_text("\n".join(lines), encoding="utf-8")
        with self.listening() as port:
            done = subprocess.run(
                [*command, str(script)],
                env={**self.environment, "TOOLS_PORT": str(port)},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def listening(self) -> Iterator[int]:
        """The port at which the tools find `answer`."""
        own = self

        class Asked(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                request = Path(self.rfile.readline().decode().strip())
                name, *arguments = request.read_text(encoding="utf-8").split("\0")[:-1]
                given = request.with_name(f"{request.name}.stdin")
                stdin = given.read_text(encoding="utf-8") if given.exists() else ""
                code, text = own.answer(name, arguments, stdin)
                self.wfile.write(f"{code}\n{text}".encode())

        with socketserver.TCPServer(("127.0.0.1", 0), Asked) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield server.server_address[1]
            finally:
                server.shutdown()
                thread.join()

    def asked(self, *words: str) -> list[list[str]]:
        return [each for each in self.notes if each[: len(words)] == list(words)]

    def applications(self) -> Iterator[tuple[str, str, set[str], list[dict[str, Any]]]]:
        """Each application: display name, appId, ids of its app roles, federated credentials."""
        graph = self.graph
        for app in graph["applications"]:
            [own] = [each for each in graph["servicePrincipals"] if each["appId"] == app["appId"]]
            held = graph.get(f"servicePrincipals/{own['id']}/appRoleAssignments", [])
            assert {(each["principalId"], each["resourceId"]) for each in held} == {
                (own["id"], "graph")
            }
            ids = [each["appRoleId"] for each in held]
            assert len(ids) == len(set(ids))
            trusted = graph[f"applications/{app['id']}/federatedIdentityCredentials"]
            yield app["displayName"], app["appId"], set(ids), trusted
