"""The pipelines of docs/pipelines.md are valid, and do what the page says."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import yaml

from graphpolicy.mock import DEFAULT_APPLICATION, Mock, Server
from tests.github.conftest import on_path
from tests.shell import Shell, policy

pytestmark = pytest.mark.e2e

PAGE = (Path(__file__).parents[2] / "docs/pipelines.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```yaml\n(?=# (\S+)\n)(.*?)```", PAGE, re.DOTALL))
AZURE, GITLAB = "azure-pipelines.yml", ".gitlab-ci.yml"
CHECKS = {
    AZURE: "vendor.azure-pipelines --data-transform azure-pipelines --regex-variant nonunicode",
    GITLAB: "vendor.gitlab-ci --data-transform gitlab-ci",
}
CONNECTION, JOB = "33333333-2222-4333-8444-555555555555", "the-job's-own-token"


class Reader(yaml.SafeLoader):
    """YAML with GitLab's !reference, which is left as its list."""


def reference(reader: Reader, node: yaml.SequenceNode) -> list[Any]:
    return reader.construct_sequence(node)


Reader.add_constructor("!reference", reference)


def parsed(name: str) -> dict[Any, Any]:
    document = yaml.load(FILES[name], Reader)
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("name", CHECKS)
def test_its_schema_takes_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    program = str(Path(sys.executable).with_name("check-jsonschema"))
    done = subprocess.run(
        [program, "--builtin-schema", *CHECKS[name].split(), str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_every_command_of_the_page_can_be_read_by_bash() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        subprocess.run(["bash", "-n", "-c", block], check=True)


@pytest.fixture
def proof(mock: Mock, server: Server) -> str:
    """A token that says which job this is, of the kind that any of these systems signs."""
    job = mock.github_job(environment="entra-apply")
    address = job["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=api://AzureADTokenExchange"
    bearer = {"Authorization": f"Bearer {job['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    trust = ssl.create_default_context(cafile=str(server.certificate))
    token: str = httpx.get(address, headers=bearer, verify=trust).json()["value"]
    return token


@pytest.fixture
def pipeline(bare: Shell, server: Server) -> Shell:
    """What a job has before its steps: the files, and a pip that installs nothing."""
    bare.write(policy("Sms: {state: disabled}"))
    programs = bare.folder / "bin"
    bare.environment |= {
        "PATH": on_path(programs, bare),
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "AZURE_AUTHORITY_HOST": server.authority,
        "SSL_CERT_FILE": str(server.certificate),
        "GRAPHPOLICY_ACCESS_TOKEN": "",
    }
    pip = programs / "pip"
    pip.write_text("#!/bin/sh\n")
    pip.chmod(0o755)
    return bare


def run(shell: Shell, script: str, **environment: str) -> int:
    """A script as the agent runs it; GitLab's end at the first command that fails."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=shell.folder,
        env={**shell.environment, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode


def test_on_gitlab_a_change_is_planned_applied_and_watched(
    pipeline: Shell, mock: Mock, proof: str
) -> None:
    jobs = parsed(GITLAB)

    def step(name: str) -> int:
        before = jobs[jobs[name]["extends"]]["before_script"]
        lines = [
            line
            for each in before
            for line in (jobs[each[0]][each[1]] if isinstance(each, list) else [each])
        ]
        script = "\n".join([*lines, *jobs[name]["script"]])
        given = {"ENTRA_TOKEN": proof} if name != "validate" else {}
        return run(pipeline, script, AZURE_CLIENT_ID=DEFAULT_APPLICATION, **given)

    assert step("validate") == 0
    assert step("plan") == 0
    counts = json.loads((pipeline.folder / "changes.json").read_text())
    assert counts == {"create": 0, "update": 1, "delete": 0}
    assert (pipeline.folder / "plan.html").exists()
    mock.portal("Sms", {"state": "disabled"}, actor="ana@contoso.com")
    assert step("apply") == 3
    mock.portal("Sms", {"state": "enabled"}, actor="ana@contoso.com")
    assert step("apply") == 0
    assert mock.configuration("Sms")["state"] == "disabled"
    assert step("drift") == 0
    mock.portal("Sms", {"state": "enabled"}, actor="ana@contoso.com")
    assert step("drift") == 2


@pytest.fixture
def agent(proof: str) -> Iterator[str]:
    """Where Azure's agent gives a job its token: the address that it sets."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            known = self.headers["Authorization"] == f"Bearer {JOB}"
            right = known and asked["serviceConnectionId"] == [CONNECTION]
            self.send_response(200 if right else 401)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"oidcToken": proof} if right else {}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/oidctoken"
    server.shutdown()
    thread.join()
    server.server_close()


def test_on_azure_devops_a_change_is_planned_applied_and_watched(
    pipeline: Shell, mock: Mock, agent: str
) -> None:
    stages = {stage["stage"]: stage["jobs"][0] for stage in parsed(AZURE)["stages"]}

    def stage(name: str) -> int:
        job = stages[name]
        steps = job.get("steps") or job["strategy"]["runOnce"]["deploy"]["steps"]
        for step in steps:
            script = step.get("script") or step.get("inputs", {}).get("inlineScript")
            if not script:
                continue
            given = {}
            if "task" in step:
                assert step["env"] == {"SYSTEM_ACCESSTOKEN": "$(System.AccessToken)"}
                given = {
                    "SYSTEM_ACCESSTOKEN": JOB,
                    "SYSTEM_OIDCREQUESTURI": agent,
                    "AZURESUBSCRIPTION_CLIENT_ID": DEFAULT_APPLICATION,
                    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": CONNECTION,
                }
            code = run(pipeline, script, PIPELINE_WORKSPACE=str(pipeline.folder), **given)
            if code:
                return code
        return 0

    assert stage("plan") == 0
    (pipeline.folder / "report").rename(pipeline.folder / "plan")  # published, and downloaded
    mock.portal("Sms", {"state": "disabled"}, actor="ana@contoso.com")
    assert stage("apply") == 3
    mock.portal("Sms", {"state": "enabled"}, actor="ana@contoso.com")
    assert stage("apply") == 0
    assert mock.configuration("Sms")["state"] == "disabled"
    assert stage("drift") == 0
    mock.portal("Sms", {"state": "enabled"}, actor="ana@contoso.com")
    assert stage("drift") == 2
