"""Everything that the mock claims about Graph and Entra, as one table."""

from .graph.permissions import permissions
from .rules import Rule, rules
from .switches import switch_docs


def describe() -> tuple[Rule, ...]:
    """Every rule, permission and switch with its tag and source."""
    permitted = (
        Rule(f"permission {row.name}", row.tag, row.source, row.text)
        for row in permissions().values()
    )
    switched = (
        Rule(f"switch {doc.name}", doc.tag, doc.source, doc.text, values=doc.values)
        for doc in switch_docs()
    )
    return (*rules().values(), *permitted, *switched)
