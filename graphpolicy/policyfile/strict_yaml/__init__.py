"""The strict YAML reader: every problem of a file at once, each with its place and its fix.

The file is read in one pass over the parser's events with a stack of its own: nothing here
recurses, an alias is never followed, and what is nested too deeply is left before it can do harm.
Plain scalars follow the core schema of YAML 1.2; whatever YAML 1.1 reads otherwise is refused,
because an editor and another tool would each see something else.

Bytes become text in `text`, plain words become values or traps in `scalars`, events become a
`Document` in `events`, and `syntax` says in plain words what the parser stopped at.
"""

from __future__ import annotations

from graphpolicy.policyfile.strict_yaml.document import Document, Pointer
from graphpolicy.policyfile.strict_yaml.events import DEPTH, parse

__all__ = ["DEPTH", "Document", "Pointer", "parse"]
