"""What docs/mock.md says of the mock is so: its counts, and its example for your own tests."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx

from graphpolicy.mock import describe, serve

PAGE = (Path(__file__).parent.parent.parent / "docs" / "mock.md").read_text("utf-8")

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
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout
