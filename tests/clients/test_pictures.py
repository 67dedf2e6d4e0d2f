"""The pictures in docs/review.md: what a reviewer of a change gets, made by the real command.

A picture is of the text whose hash stands beside it. After a deliberate change of that text take
them anew, `pytest --snapshot-update tests/clients/test_pictures.py`, and look at them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from graphpolicy.mock import Mock, serve
from tests.clients.browser import Browser
from tests.example import write_example
from tests.github.actions.checkout import git
from tests.shell import KEPT, Shell

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ".github" / "pictures"
RECORD = PICTURES / "sources.json"
SIZES = {"comment.png": (920, 750, 1.0), "page.png": (1200, 1480, 0.75)}
"""Width and height of what is in a picture, in pixels, and how much smaller the picture is."""

SIGNS = {"❌": "✖", "⚠️": "⚠", "✅": "✔"}
"""For a machine that has no font with emoji: the same in black and white."""

EDIT = """
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    MicrosoftAuthenticator:
      featureSettings:
        # The pilot is over: everybody sees which application asks, and from where.
        displayAppInformationRequiredState: {state: enabled, includeTarget: all_users}
        displayLocationInformationRequiredState: {state: enabled, includeTarget: all_users}
    TemporaryAccessPass:
      maximumLifetimeInMinutes: 240
"""
"""What a pull request adds to the example's production tenant."""

VOLATILE = re.compile(r"[0-9a-f]{64}|\d{4}-\d\d-\d\d \d\d:\d\d UTC")
FOLDED = re.compile(r"(?<=</summary>).*?(?=</details>)", re.DOTALL)
"""What nobody sees without a click: Graph's own documents, which name the mock's address."""

LINES = {"+": "added", "-": "removed", "@": "part"}


def diff(code: str, language: str, _attributes: str) -> str:
    """Lines in the colours that GitHub gives to what is added and removed."""
    if language != "diff":
        return ""
    return "".join(
        f'<span class="{LINES.get(line[:1], "other")}">{escape(line)}</span>'
        for line in code.splitlines()
    )


def shown(markdown: str) -> str:
    """A comment, about as GitHub shows it."""
    text = MarkdownIt("commonmark", {"html": True, "highlight": diff}).render(markdown)
    for sign, plain in SIGNS.items():
        text = text.replace(sign, f'<span class="sign">{plain}</span>')
    style = (Path(__file__).parent / "comment.css").read_text(encoding="utf-8")
    head = '<div class="head"><b>github-actions</b> <i>bot</i> commented</div>'
    return (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style>'
        f'<div class="frame">{head}<div class="text">{text}</div></div>'
    )


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What `plan` writes for a pull request, after somebody changed the tenant at night."""
    folder = tmp_path_factory.mktemp("repository")
    write_example(folder)
    (folder / "policies/policy.schema.json").unlink()
    tenant = Mock()
    with serve(tenant) as server:
        environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "GRAPHPOLICY_ACCESS_TOKEN": tenant.token,
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "contoso/entra-policy",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SHA": "1a2b3c4d5e6f" + "0" * 28,
        }

        shell = Shell(folder, environment)
        assert shell("apply", "--auto-approve").code == 0
        git(folder, "init", "-q")
        git(folder, "add", "policies")
        git(folder, "commit", "-qm", "What is applied")
        tenant.portal("Voice", {"state": "enabled"}, actor="oncall@contoso.com")
        with (folder / "policies/contoso.yaml").open("a", encoding="utf-8") as file:
            file.write(EDIT)
        files = ("-o", "plan.md", "-o", "plan.html")
        assert shell("plan", "--impact", "--base", "HEAD", *files).code == 6
    made = {name: (folder / name).read_text(encoding="utf-8") for name in ("plan.md", "plan.html")}
    return {"comment.png": made["plan.md"], "page.png": made["plan.html"]}


def digest(text: str) -> str:
    """The visible text, whenever it was made."""
    return hashlib.sha256(VOLATILE.sub("", FOLDED.sub("", text)).encode()).hexdigest()


def pixels(picture: Path) -> tuple[int, int]:
    """Width and height of a PNG, as its first chunk says."""
    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


@pytest.mark.parametrize("name", SIZES)
def test_a_picture_is_of_what_the_command_writes_today(
    name: str,
    reports: Mapping[str, str],
    browser: Browser,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    source = reports[name]
    page = tmp_path / "source.html"
    page.write_text(shown(source) if name == "comment.png" else source, encoding="utf-8")
    width, height, scale = SIZES[name]
    browser.size(width, height)
    browser.open(page)
    text = str(browser.value("document.body.innerText"))
    assert "4 to change" in text
    assert "reverts-outside-change" in text
    assert "oncall@contoso.com" in text
    taken = tmp_path / name
    browser.picture(taken, (width, height), scale)
    assert pixels(taken) == (width * scale, height * scale)
    assert taken.stat().st_size > 20_000
    if request.config.option.update_snapshots:
        (PICTURES / name).write_bytes(taken.read_bytes())
        record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
        record[name] = digest(source)
        RECORD.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
    assert json.loads(RECORD.read_text())[name] == digest(source), (
        "the command writes something else than the picture shows: pytest --snapshot-update "
        "tests/clients/test_pictures.py, and look at it"
    )


@pytest.mark.parametrize("name", SIZES)
def test_a_page_shows_it_and_it_is_small(name: str) -> None:
    review = (ROOT / "docs/review.md").read_text(encoding="utf-8")
    assert re.search(rf"!\[[^\]]{{20,}}\]\(\.\./\.github/pictures/{re.escape(name)}\)", review)
    assert (PICTURES / name).stat().st_size < 200_000
    width, height, scale = SIZES[name]
    assert pixels(PICTURES / name) == (width * scale, height * scale)
