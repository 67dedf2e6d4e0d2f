"""The names of `graphpolicy.model`, which are loaded at their first use."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

from graphpolicy import model


def test_each_name_that_types_know_is_found_and_comes_from_a_module_that_is_searched() -> None:
    tree = ast.parse(Path(model.__file__).read_text(encoding="utf-8"))
    listed = {
        (str(node.module).rpartition(".")[2], each.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("graphpolicy.model.")
        for each in node.names
    }
    assert {module for module, _ in listed} == {*model.MODULES}
    for module, name in listed:
        own = getattr(import_module(f"graphpolicy.model.{module}"), name)
        assert getattr(model, name) is own, name
