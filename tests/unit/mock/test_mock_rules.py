"""Every rule has a tag and a source; the code and the table have the same rules."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import graphpolicy.mock
from graphpolicy.mock import GraphError, Switches, UnknownSwitchError, describe, switch_docs
from graphpolicy.mock.rules import TAGS, enforces, rules
from tests.source import parsed

ROOM = Path(graphpolicy.mock.__file__).parent


def test_every_rule_and_switch_has_a_tag_a_source_and_a_sentence() -> None:
    described = describe()
    assert len({rule.name for rule in described}) == len(described)
    assert {rule.tag for rule in described} == set(TAGS)
    for rule in described:
        assert rule.tag in TAGS
        assert rule.source.strip()
        assert rule.text.endswith(".")
        assert (rule.status is None) == (rule.code is None)


def test_code_and_table_name_the_same_rules() -> None:
    assert _named_in_code() == set(rules())


def test_a_rule_that_is_not_in_the_table_cannot_be_enforced() -> None:
    with pytest.raises(KeyError):
        enforces("made-up")
    with pytest.raises(KeyError):
        GraphError("made-up", "no")
    with pytest.raises(LookupError, match="not a refusal"):
        GraphError("policy-read", "no")


def test_the_code_reads_every_switch_and_no_other() -> None:
    sources = "".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))
    for name in json.loads((ROOM / "data" / "switches.json").read_text("utf-8")):
        assert re.search(rf"\bswitches\.{name}\b", sources), name
    rows = {*Switches().as_dict(), "keys", "changed", "as_dict"}
    assert set(re.findall(r"\bswitches\.([a-z]\w*)", sources)) - rows <= {"json"}


def test_defaults_are_the_first_values() -> None:
    present = Switches().as_dict()
    assert {doc.name for doc in switch_docs()} == set(present)
    for doc in switch_docs():
        assert not doc.values or present[doc.name] == doc.values[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"root_patch": "201"},
        {"no_such_switch": "x"},
        {"v1.0/HardwareOath": "shown"},
        {"v2.0/HardwareOath": "absent"},
        {"visibility_reads": 0},
        {"visibility_reads": "many"},
        {"keys": {"v1.0/Voice": "absent"}},
    ],
)
def test_an_invalid_switch_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UnknownSwitchError):
        Switches().changed(changes)


def test_changes_leave_other_switches_alone() -> None:
    first = Switches(keys={"v1.0/HardwareOath": "writable"})
    second = first.changed({"cloud": "china", "keys": {"beta/QRCodePin": "absent"}})
    assert second.keys["v1.0/HardwareOath"] == "writable"
    assert second.keys["beta/QRCodePin"] == "absent"
    assert (first.cloud, second.cloud) == ("global", "china")


def test_the_room_imports_nothing_of_the_package() -> None:
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.level <= len(path.relative_to(ROOM).parts), path
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith("graphpolicy") for name in names), path


def test_uvicorn_is_imported_only_to_serve() -> None:
    code = "import sys, graphpolicy.mock; sys.exit('uvicorn' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def _named_in_code() -> set[str]:
    found: set[str] = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                values = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if node.func.id in {"GraphError", "SignInError"}:
                    found.add(str(values[0]))
                elif node.func.id == "enforces":
                    found.update(str(value) for value in values)
    return found
