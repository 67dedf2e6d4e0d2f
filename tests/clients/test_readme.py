"""The documentation is true: its commands, its statements about the mock, and its fixture."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import get_args

import httpx
import pytest

from graphpolicy.commands.demo import STARTER, write_starter
from graphpolicy.mock import Mock, describe, serve
from graphpolicy.model.words import Outcome
from tests.called import LONGEST
from tests.documentation import PAGES, ROOT, blocks
from tests.shell import Shell, command_line

PAGE = PAGES["docs/mock.md"].read_text("utf-8")

JSON = {"Content-Type": "application/json"}


def test_the_counts_are_those_of_the_table() -> None:
    found = re.search(r"<!-- rules -->(.*?)<!-- /rules -->", PAGE, re.DOTALL)
    assert found is not None
    tags = Counter(rule.tag for rule in describe())
    wanted = (
        f"{tags.total()} rows {tags['documented']} are documented, {tags['observed']} observed "
        f"and {tags['assumed']} assumed"
    )
    assert " ".join(found.group(1).split()) == wanted


def test_what_the_page_says_to_curl_is_understood() -> None:
    posted = re.findall(r"curl --json '(.*?)' \$mock(/\w+)", PAGE)
    assert len(posted) == 8
    with serve() as graph:
        for body, path in posted:
            answer = httpx.post(f"{graph.url}/_mock{path}", content=body, headers=JSON)
            assert answer.status_code in {200, 204}, (path, answer.text)
        got = re.search(r'curl -H "Authorization.*?" "\$GRAPHPOLICY_GRAPH_URL(.*?)"', PAGE)
        assert got is not None
        bearer = {"Authorization": f"Bearer {graph.token}"}
        assert httpx.get(graph.url + got.group(1), headers=bearer).status_code == 200


def test_the_example_of_the_fixture_runs_as_it_stands(tmp_path: Path) -> None:
    found = re.search(r"<!-- fixture -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    plugins = found.group(1).splitlines()[0].removeprefix("# conftest.py: ")
    (tmp_path / "conftest.py").write_text(plugins, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(found.group(1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # it names what it needs
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout


RUN = [name for name in PAGES if any(block.run for block in blocks("sh", page=name))]
FIRST = ("README.md", "docs/review.md", "docs/drift.md")
"""What people do first, for a change, and every day. `tests/unit/test_documentation.py` shows that
the commands of all pages are some that there are."""


@pytest.mark.e2e
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in FIRST else pytest.mark.deep) for name in RUN],
)
def test_every_block_of_a_page_runs_as_it_stands(name: str, page: Shell) -> None:
    """In the order of the page, in one shell in which a person answers the questions."""
    here = [block for block in blocks("sh", page=name) if block.run]
    written = [block for block in blocks("yaml", page=name) if block.file]
    script = [f'graphpolicy() {{ {command_line()} "$@"; }}']
    for block in sorted([*here, *written], key=lambda each: each.line):
        if block.file:
            script += [f"cat >{block.file} <<'END'\n{block.text}END"]
            continue
        *lines, last = block.text.splitlines()
        script += [f"echo '== line {block.line}'", "set -eo pipefail", *lines]
        script += ["set +e", last, f"code=$?; [ $code = {block.exits} ] || exit $code"]
    person, terminal = os.openpty()
    answers = "".join(f"{line}\n" for block in here for line in block.types)
    os.write(person, answers.encode() + b"\x04" * 9)  # a question without an answer ends it
    with (page.folder / "said.txt").open("w+b") as said:
        bash = subprocess.Popen(
            ["bash", "-c", "\n".join(script)],
            cwd=page.folder,
            env=page.environment,
            stdin=terminal,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = bash.wait(timeout=LONGEST)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(bash.pid, signal.SIGTERM)  # and processes in the background
            os.close(terminal)
            os.close(person)
        said.seek(0)
        text = said.read().decode("utf-8")
    assert code == 0, text
    assert "Traceback" not in text
    if name == "README.md":
        assert "\n0 to change, 0 errors" in text


def test_the_page_names_the_members_of_a_plan(shell: Shell) -> None:
    write_starter(shell.folder)
    page = PAGES["docs/commands.md"].read_text("utf-8").partition("\n## JSON\n")[2]
    named = {
        name
        for cell in re.findall(r"^\| (`.*?) \|", page, re.M)
        for name in cell[1:-1].split("`, `")
    }
    for verb in (["drift"], ["apply", "--auto-approve"]):
        (plan,) = json.loads(shell(*verb, "--format", "json").out)["plans"]
        assert plan.keys() <= named
        assert {*get_args(Outcome)} <= named
        assert {key for change in plan["changes"] for key in change} - {"entries"} == {
            *re.findall(r"`(\w+)`", page.partition("| `changes` |")[2].partition("\n")[0])
        }


BEGUN = ("docs/drift.md", "docs/helpdesk.md")
"""Pages that begin where the policy has been applied."""


@pytest.fixture
def page(name: str, shell: Shell, mock: Mock) -> Shell:
    """A repository with the policies of the examples, as each page begins."""
    shell.environment["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"  # none that can be reached
    subprocess.run(["git", "init", "-q", "-b", "main", str(shell.folder)], check=True)
    if name == "README.md":
        return shell
    for file in STARTER:
        shell.write((ROOT / "policies" / file).read_text(encoding="utf-8"), f"policies/{file}")
    if name in BEGUN:
        assert shell("apply", "--auto-approve").code == 0
    directory = mock.tenant().directory
    directory.join("0d1c2b3a-0000-4000-8000-000000000003", "mia.lopez@contoso.com")
    directory.add_group("0d1c2b3a-0000-4000-8000-0000000000ff", "SG-Staff")
    if name == "docs/drift.md":
        mock.portal("Voice", {"state": "enabled"}, actor="ana@contoso.com")
        mock.portal("TemporaryAccessPass", {"defaultLength": 8}, actor="ana@contoso.com")
    return shell
