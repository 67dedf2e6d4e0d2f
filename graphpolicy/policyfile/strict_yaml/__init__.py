"""The strict YAML reader: every problem of a file at once, each with its place and its fix.

The file is read in one pass over the parser's events, with a stack of our own: nothing recurses,
aliases are never followed, and reading stops before nesting can exhaust memory. Plain scalars
follow the core schema of YAML 1.2. What YAML 1.1 reads differently is refused, because an editor
and another tool would read different values.

`text` turns bytes into text, `scalars` turns plain words into values or traps, `events` turns
events into a `Document`, and `syntax` explains where and why the parser stopped.
"""

from __future__ import annotations

from graphpolicy.policyfile.strict_yaml.events import DAYS, DEPTH, Document, Pointer, parse

__all__ = ["DAYS", "DEPTH", "Document", "Pointer", "parse"]
