"""Values that are edited in place: exactly the intended bytes change."""

from __future__ import annotations

import pytest

from graphpolicy.policyfile.dump import OneLine
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.policyfile.yaml_edit import comments, edited
from graphpolicy.policyfile.yaml_text import REMOVED, Edit, Renamed, UneditableError
from tests.every import every

TEXT = """\
# head
version:   1   # one
a:
    b: 'x'  # why
    # own
    c: "q"
    list:
    - group: A   # first
      mode: push
    # above B
    - {group: B}
    words: [a, b , c]
    many: [
      a, # about a
      b  # about b
    ]
    map: {x: 1,  w: 2}
    text: |
      one
      two

    last: false

# tail"""

A = ("a",)
LIST, WORDS, MANY, MAP = (*A, "list"), (*A, "words"), (*A, "many"), (*A, "map")


def after(*edits: Edit, text: str = TEXT, break_: str = "\n", mark: str = "") -> str:
    raw = (mark + text.replace("\n", break_)).encode()
    result, data = edited(raw, parse(raw, "").data, edits)
    document = parse(result, "")
    assert document.data == data
    assert document.findings == ()
    return result.decode()


CASES = [
    ((*A, "b"), "it's", "b: 'x'  # why", "b: 'it''s'  # why"),
    ((*A, "b"), True, "b: 'x'  # why", "b: true  # why"),
    ((*A, "b"), "no\x1b", "b: 'x'  # why", 'b: "no\\e"  # why'),
    ((*A, "c"), "z", 'c: "q"', 'c: "z"'),
    ((*A, "last"), "0755", "last: false", 'last: "0755"'),
    ((*A, "text"), "three", "text: |\n      one\n      two\n", "text: three\n"),
    (("version",), 2, "version:   1   # one", "version:   2   # one"),
    ((*A, "new"), ["n: o"], "last: false\n", 'last: false\n    new: ["n: o"]\n'),
    (
        (*A, "new", "deep"),
        {"x": 1},
        "last: false\n",
        "last: false\n    new:\n        deep:\n            x: 1\n",
    ),
    ((*LIST, 0), REMOVED, "    - group: A   # first\n      mode: push\n", ""),
    ((*LIST, 1), REMOVED, "    - {group: B}\n", ""),
    ((*LIST, 2), OneLine(group="C"), "- {group: B}\n", "- {group: B}\n    - {group: C}\n"),
    ((*LIST, 0, "mode"), "any", "mode: push", "mode: any"),
    ((*LIST, 0, "mode"), REMOVED, "      mode: push\n", ""),
    ((*LIST, 0, "id"), "i", "mode: push\n", "mode: push\n      id: i\n"),
    (
        (*LIST, 0, "group"),
        REMOVED,
        "- group: A   # first\n      mode: push\n",
        "- {mode: push}\n",
    ),
    ((*WORDS, 0), REMOVED, "[a, b , c]", "[b , c]"),
    ((*WORDS, 1), REMOVED, "[a, b , c]", "[a, c]"),
    ((*WORDS, 2), REMOVED, "[a, b , c]", "[a, b]"),
    ((*WORDS, 3), "d", "[a, b , c]", "[a, b , c, d]"),
    ((*MANY, 0), REMOVED, "      a, # about a\n", ""),
    ((*MANY, 1), REMOVED, "      b  # about b\n", ""),
    ((*MANY, 2), "c", "b  # about b\n", "b,  # about b\n      c\n"),
    ((*MAP, "x"), REMOVED, "{x: 1,  w: 2}", "{w: 2}"),
    ((*MAP, "w"), REMOVED, "{x: 1,  w: 2}", "{x: 1}"),
    ((*MAP, "z"), {"k": [1]}, "{x: 1,  w: 2}", "{x: 1,  w: 2, z: {k: [1]}}"),
    (MAP, "none", "{x: 1,  w: 2}", "none"),
    (MAP, Renamed("it's"), "map: {x", '"it\'s": {x'),
    ((*A, "last"), REMOVED, "    last: false\n", ""),
]


@every("mark", ["", "\ufeff"])
@every("break_", ["\n", "\r\n"])
@every(("pointer", "value", "old", "new"), CASES)
def test_an_edit_replaces_one_piece_and_leaves_every_other_byte(
    pointer: tuple[str | int, ...], value: object, old: str, new: str, *, break_: str, mark: str
) -> None:
    assert TEXT.count(old) == 1
    got = after(Edit(pointer, value), break_=break_, mark=mark)
    assert got == mark + TEXT.replace(old, new).replace("\n", break_)


def test_a_list_that_loses_its_last_entry_becomes_an_empty_one() -> None:
    text = "a:\n  # who\n  - x # why\n  # end\nb: 1"
    assert after(Edit(("a", 0), REMOVED), text=text) == "a: []\n  # who\n  # end\nb: 1"
    assert after(Edit(("a", 0), REMOVED), text="a: [x]") == "a: []"
    assert after(Edit(("a", 0), REMOVED), text="a: [\n  x, # why\n]") == "a: [\n]"


def test_edits_follow_each_other() -> None:
    got = after(Edit((*WORDS, 3), "d"), *(Edit((*WORDS, n), REMOVED) for n in (2, 1, 0)))
    assert got == TEXT.replace("[a, b , c]", "[d]")


def test_a_map_on_its_own_lines_is_changed_key_by_key() -> None:
    text = "a:\n  x: 1 # one\n  # two\n  w: 2\n"
    got = after(Edit(A, {"x": 1, "w": 3, "z": 4}), text=text)
    assert got == "a:\n  x: 1 # one\n  # two\n  w: 3\n  z: 4\n"
    assert after(Edit(A, {"w": 2}), text=text) == "a:\n  # two\n  w: 2\n"
    assert after(Edit(A, ["x"]), text=text) == "a: [x]\n"


def test_what_is_new_at_the_top_stands_off_as_the_rest_does() -> None:
    assert after(Edit(("b", "c"), 1), text="x: 1\na: 1") == "x: 1\na: 1\nb:\n  c: 1"
    assert after(Edit(("b",), 1), text="x: 1\n\na: 1\n") == "x: 1\n\na: 1\n\nb: 1\n"


def test_a_text_that_ends_in_blank_lines_keeps_them() -> None:
    assert after(Edit(("b",), 1), text="a: |+\n  x\n\n") == "a: |+\n  x\n\nb: 1\n"


def test_new_entries_look_like_the_last_one() -> None:
    text = "a:\n  -   x: 1\n      w: [2]\nb: 1\n"
    got = after(Edit(("a", 1), {"x": 3, "w": [4]}), text=text)
    assert got == "a:\n  -   x: 1\n      w: [2]\n  -   x: 3\n      w: [4]\nb: 1\n"
    assert after(Edit(("a", 0), "x"), text="a: []") == "a: [x]"
    got = after(Edit(("a", 2), "c"), text="a: [\n  a,\n  b, # end\n]\n")
    assert got == "a: [\n  a,\n  b, # end\n  c,\n]\n"
    assert after(Edit(("a", 2), "c"), text="a: [\n  a,\n  b]") == "a: [\n  a,\n  b,\n  c]"


def test_a_long_list_takes_several_lines() -> None:
    items = [OneLine(group=f"Group number {n}") for n in range(5)]
    got = after(Edit(("b", "c"), items), text="a:\n    x: 1\n")
    lines = "".join(f"        - {{group: Group number {n}}}\n" for n in range(5))
    assert got == f"a:\n    x: 1\nb:\n    c:\n{lines}"


def test_json_is_edited_as_well() -> None:
    got = after(Edit(("b", "c"), ["it's"]), Edit(("a",), "z"), text='{"a": "x"}')
    assert got == '{"a": "z", b: {c: ["it\'s"]}}'


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: x\n", Edit(("a", "b"), 1)),
        ("a: {x: 1}\nb: 1\n", Edit(("a",), Renamed("b"))),
    ],
)
def test_what_would_say_something_else_is_refused(text: str, edit: Edit) -> None:
    raw = text.encode()
    with pytest.raises(UneditableError):
        edited(raw, parse(raw, "").data, [edit])


def test_comments_are_told_from_what_looks_like_one() -> None:
    raw = "\ufeff# a\r\nb: '# no' # c\r\nd: x#y\r\ne: [1, # f\r\n 2]\r\n  # g".encode()
    assert list(comments(raw)) == [(1, "# a"), (2, "# c"), (4, "# f"), (6, "# g")]
