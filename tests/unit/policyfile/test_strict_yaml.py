"""The strict YAML reader: one table of mistakes, and laws over arbitrary files."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings, strategies as st

from graphpolicy.model import Place
from graphpolicy.policyfile.strict_yaml import DEPTH, Document, events, parse
from tests.every import every
from tests.growth import growth

Line = tuple[int, int, str, str, str]
"""Line, column, rule, message and help of a finding."""


def _corpus() -> dict[str, tuple[str | bytes, list[Line]]]:
    """The cases of `corpus_yaml/mistakes.txt` by their names."""
    cases: dict[str, tuple[str | bytes, list[Line]]] = {}
    text = (Path(__file__).parent / "corpus_yaml/mistakes.txt").read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        name, content, *lines = block.strip("\n").split("\n")
        found = [re.fullmatch(r" +(\d+):(\d+) (\S+): (.+) \|\| (.+)", line) for line in lines]
        cases[name] = (
            ast.literal_eval(content.strip()),
            [(int(m[1]), int(m[2]), m[3], m[4], m[5]) for m in found if m],
        )
        assert len(cases[name][1]) == len(lines) > 0, name
    return cases


CASES = _corpus()

BACKENDS = {"libyaml": yaml.CSafeLoader, "PyYAML": yaml.SafeLoader}
ONLY_LIBYAML = {"an escape for half a character"}
"""PyYAML's own scanner lets these pass; the reader catches them with other words."""

GOOD = """\
# yaml-language-server: $schema=policy.schema.json
version: 1
tenant: {name: contoso, cloud: "global"}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    MicrosoftAuthenticator:
      state: enabled
      includeTargets: [all_users]
      excludeTargets:
      - group: 'Break-glass: "accounts"'
      isUsableOnce: True
    Sms: {state: disabled, "yes": []}
hold:
  - {resource: Voice, expires: 2026-12-01, ratio: 1000}
"""


def said(document: Document) -> list[Line]:
    return [
        (f.source.line, f.source.column, f.rule, f.message, f.help)
        for f in document.findings
        if f.source and f.level == "error"
    ]


def rules(raw: bytes) -> list[str]:
    return [finding.rule for finding in parse(raw, "f.yaml").findings]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(events, "LOADER", BACKENDS[request.param])
    return str(request.param)


@every("case", CASES)
def test_a_mistake_is_told_with_its_place_and_its_fix(case: str, backend: str) -> None:
    if backend == "PyYAML" and case in ONLY_LIBYAML:
        return  # has another message: see test_pyyaml_alone_never_hands_out_half_a_character
    text, lines = CASES[case]
    raw = text if isinstance(text, bytes) else text.encode()
    assert said(parse(raw, "f.yaml")) == lines


@every("case", CASES)
def test_messages_are_one_sentence_without_a_full_stop(case: str) -> None:
    for _, _, rule, message, fix in CASES[case][1]:
        assert rule.startswith("yaml-")
        assert message[0] in "'%," or message[0].islower()
        assert fix
        assert not message.endswith(".")
        assert not fix.endswith(".")
        assert (message + fix).isprintable()
        assert len(message) < 160


def test_a_good_file_is_read_with_the_place_of_each_key_and_value(backend: str) -> None:
    document = parse(GOOD.encode(), "policies/contoso.yaml")
    assert document.findings == ()
    methods = document.data["authenticationMethodsPolicy"]["authenticationMethodConfigurations"]
    assert methods == {
        "MicrosoftAuthenticator": {
            "state": "enabled",
            "includeTargets": ["all_users"],
            "excludeTargets": [{"group": 'Break-glass: "accounts"'}],
            "isUsableOnce": True,
        },
        "Sms": {"state": "disabled", "yes": []},
    }
    assert document.data["hold"] == [{"resource": "Voice", "expires": "2026-12-01", "ratio": 1000}]
    at = ("authenticationMethodsPolicy", "authenticationMethodConfigurations")
    state = (*at, "MicrosoftAuthenticator", "state")
    group = (*at, "MicrosoftAuthenticator", "excludeTargets", 0, "group")
    assert document.places[()] == Place("policies/contoso.yaml", 2, 1)
    assert (document.place(state).line, document.place(state).column) == (7, 14)
    assert (document.key_place(state).line, document.key_place(state).column) == (7, 7)
    assert (document.place(group).line, document.place(group).column) == (10, 16)
    assert str(document.place(("hold", 0, "expires"))) == "policies/contoso.yaml:14:32"


def test_a_place_that_is_unknown_is_that_of_the_nearest_thing_around_it() -> None:
    document = parse(GOOD.encode(), "f.yaml")
    assert document.place(("tenant", "id", "x")) == document.places[("tenant",)]
    assert document.key_place(("tenant", "id")) == document.places[("tenant",)]
    assert document.key_place(("hold", 0)) == document.places[("hold", 0)]
    assert document.place(("nowhere",)) == document.places[()]
    assert parse(b"", "f.yaml").place(("a", 0)) == Place("f.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("[true, True, TRUE, false, False, FALSE]", [True, True, True, False, False, False]),
        ("[0, -1, 0o8, -0o7, 1.2.3, +x]", [0, -1, "0o8", "-0o7", "1.2.3", "+x"]),
        (
            "[9223372036854775807, 1:99, 1_x, 2026-1-5, tRUE]",
            [2**63 - 1, "1:99", "1_x", "2026-1-5", "tRUE"],
        ),
        (
            "['yes', \"0755\", 'null', '<<', '2026-11-24']",
            ["yes", "0755", "null", "<<", "2026-11-24"],
        ),
        ("a: |\n  yes\n", {"a": "yes\n"}),
        ("a: >-\n  no\n", {"a": "no"}),
        ("a: yes and\n  no\n", {"a": "yes and no"}),
        ("---\na: 1\n...\n", {"a": 1}),
        ("%YAML 1.2\n---\na: 1\n", {"a": 1}),
        ("{a: 1, b: [x: 1], 'c': \"\\u00e9\\t\"}", {"a": 1, "b": [{"x": 1}], "c": "é\t"}),
        ("? a\n: 1\n", {"a": 1}),
        ("text", "text"),
        ("[" * DEPTH + "]" * DEPTH, None),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, data: Any, backend: str) -> None:
    document = parse(text.encode(), "f.yaml")
    assert document.findings == ()
    if data is not None:
        assert document.data == data
        assert repr(document.data) == repr(data)  # tells True from 1 and 1 from 1.0


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1\na: 2\n", {"a": 1}),
        ("a: {b: 1}\na: {b: 2, c: 3}\n", {"a": {"b": 1}}),
        ("a: yes\nb: ~\nc:\n", {"a": "yes", "b": None, "c": None}),
        ("on: 1\n2: x\n", {"on": 1, "2": "x"}),
        ("a: &x [1]\nb: *x\nc: !!str 1\n", {"a": [1], "b": None, "c": "1"}),
        ("<<: {a: 1}\nb: 2\n[c]: 3\n", {"b": 2}),
        ("a: 1\n---\nb: 2\n", {"a": 1}),
        ("a: 1\nb: 'x\n", None),
        ("a: " + "[" * 51, None),
    ],
)
def test_what_is_refused_still_leaves_the_rest_usable(text: str, data: Any, backend: str) -> None:
    document = parse(text.encode(), "f.yaml")
    assert document.findings
    assert document.data == data


def test_what_is_dropped_has_no_place() -> None:
    document = parse(b"a: 1\na: {b: 2}\n<<: {c: 3}\n---\nd: 4\n", "f.yaml")
    assert set(document.places) == {(), ("a",)}
    assert set(document.keys) == {("a",)}


def test_pyyaml_alone_never_hands_out_half_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOADER", yaml.SafeLoader)
    document = parse(b'a: "\\ud83d"\n', "f.yaml")
    assert document.data == {"a": "\N{REPLACEMENT CHARACTER}"}
    assert [f.rule for f in document.findings] == ["yaml-character"]


@pytest.mark.parametrize(
    "text", ['a: 1\nb: "\\UFFFFFFFF"', "a: 1\nb: !%ED%A0%80 x", f"%YAML 1.{'9' * 5000}\n---\na"]
)
def test_an_error_of_the_parser_without_a_place_is_told_too(text: str, backend: str) -> None:
    document = parse(text.encode(), "f.yaml")
    assert document.data is None
    assert [f.rule for f in document.findings] in (["yaml-syntax"], ["yaml-tag"])


HOSTILE = {
    "lists": "[", "maps": "{", "dashes": "- ", "question marks": "? ", "mixed": "[{",
    "brackets on lines": "[\n", "question marks in braces": "{? ", "maps in maps": "{a: ",
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hundred_thousand_levels_are_left_early(kind: str, backend: str) -> None:
    def left(levels: int) -> None:
        assert "yaml-depth" in rules(HOSTILE[kind].encode() * levels)

    assert growth(left, 10_000, 100_000) < 20


ENDLESS: dict[str, Callable[[int], bytes]] = {
    "tag directives": lambda size: b"".join(b"%%TAG !a%d! x\n" % n for n in range(20 * size)),
    "underscores": lambda size: b"a: 1" + b"_" * 100 * size + b"x",
    "base 60": lambda size: b"a: 1" + b":1" * 50 * size + b"x",
    "spaces in a time": lambda size: b"a: 2026-01-01 " + b" " * 100 * size + b"x",
    "digits": lambda size: b"a: " + b"9" * 100 * size,
    "decimals": lambda size: b"a: 1." + b"9" * 100 * size,
    "backslashes": lambda size: b'a: "' + b"\\" * 100 * size,
    "aliases": lambda size: b"a: &a [x]\nb: [" + b"*a," * 4 * size + b"]",
    "the same key": lambda size: b"a: 1\n" * 4 * size,
    "control characters": lambda size: b"\x01\n" * 10 * size,
    "breaks": lambda size: b"a: b\n" + b"\n" * 100 * size + b"c",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_nothing_takes_more_than_linear_time(kind: str, backend: str) -> None:
    assert growth(lambda size: parse(ENDLESS[kind](size), "f.yaml"), 250, 1_000) < 10


# --- Laws -----------------------------------------------------------------------------------------


def check(raw: bytes) -> Document:
    """What must be true for every file, whatever is in it."""
    document = parse(raw, "f.yaml")
    lines = re.split(r"\r\n|\r|\n", raw.removeprefix(b"\xef\xbb\xbf").decode(errors="replace"))
    for finding in document.findings:
        assert finding.level == "error"
        assert finding.rule.startswith("yaml-")
        assert finding.help
        assert (finding.message + finding.help).isprintable()
        place = finding.source
        assert place
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
    places = [(f.source.line, f.source.column) for f in document.findings if f.source]
    assert places == sorted(places)
    assert document.data is not None or document.findings
    return document


SNIPPETS = st.sampled_from(
    [
        "\n", "\r\n", "\r", " ", "  ", "\t", "- ", "-", "? ", ": ", ":", "[", "]", "{", "}", ",",
        "#", " #", "'", '"', "\\", "|", ">", "|-\n", "&a ", "*a", "!x ", "!!str ", "!<", "!",
        "<<: ", "=", "---\n", "...\n", "%TAG ! x\n", "%YAML 1.1\n", "%", "@", "`", "~", "null",
        "yes", "on: ", "0755", "1:30", "1_0", "2026-12-01", "expires: ", ".inf", "0x1F", "1e999",
        "\\ud800", "\\UFFFFFFFF", "\u0007", "\u0085", "\u2028", "\ufeff", "\u202e", "\u00e9",
        "\U0001f511", "a: ", "a",
    ]
)  # fmt: skip


@given(st.binary(max_size=200))
@example(b"\xff\xfe\0\0")
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
@example(b"&a")
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    check(raw)


@pytest.mark.parametrize("loader", BACKENDS)
@settings(max_examples=300)
@given(pieces=st.lists(SNIPPETS, max_size=30))
def test_no_yaml_makes_it_raise(loader: str, pieces: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "LOADER", BACKENDS[loader])
        check("".join(pieces).encode())


@settings(max_examples=300)
@given(st.data())
def test_no_mistake_in_a_good_file_makes_it_raise(data: st.DataObject) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 20)))
        text = text[:start] + data.draw(st.one_of(st.just(""), SNIPPETS)) + text[end:]
    check(text.encode())


def clear(text: str) -> bool:
    """Whether safe_dump writes a text so that YAML 1.2 reads a text, too."""
    if text.lower() in {"yes", "no", "on", "off", "y", "n"}:
        return False  # 'yEs' and 'y' are dumped plain
    return not re.match(r"[-+.]?[.0-9]", text) or not re.fullmatch(r"[-+.:\w ]*", text)


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029\ufeff"),
    max_size=20,
).filter(clear)
AMBIGUOUS = [
    "yes", "no", "on", "off", "null", "~", "", "1", "1.5", "=", "<<", "0755", "12_000", "1:30",
    "2026-12-01", "true", "0x1F", ".inf", "&a", "*a", "!x", "- a", "a: b",
]  # fmt: skip
"""Texts that safe_dump quotes, because they would be something else without."""

VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63) + 1, 2**63 - 1),
        TEXT,
        st.sampled_from(AMBIGUOUS),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(TEXT.filter(bool), inner, max_size=4)
    ),
    max_leaves=20,
)


class Dumper(yaml.SafeDumper):
    """Without the anchors that safe_dump writes where one list stands in two places."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.mark.parametrize("flow", [False, True])
@settings(max_examples=300)
@given(value=VALUES, unicode=st.booleans())
def test_what_is_dumped_is_read_back(flow: bool, value: Any, unicode: bool) -> None:
    text = yaml.dump(value, Dumper=Dumper, default_flow_style=flow, allow_unicode=unicode)
    document = check(text.encode())
    assert document.findings == ()
    assert document.data == value
    lines = re.split(r"\r\n|\r|\n", text)
    for pointer, place in document.keys.items():
        rest = lines[place.line - 1][place.column - 1 :]
        assert rest.startswith(("'", '"', str(pointer[-1]).split(" ")[0]))
    assert set(document.keys) <= set(document.places)


@settings(max_examples=100)
@given(value=VALUES)
def test_both_parsers_read_the_same(value: Any) -> None:
    raw = yaml.dump(value, Dumper=Dumper).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "LOADER", yaml.SafeLoader)
        pure = parse(raw, "f.yaml")
    assert pure == parse(raw, "f.yaml")
