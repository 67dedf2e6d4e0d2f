"""Everything that the mock claims about Graph and Entra, as one table."""

from .graph.permissions import permissions
from .rules import Rule, rules
from .switches import switch_docs
from .tables import data


def describe() -> tuple[Rule, ...]:
    """Every rule, permission, switch and era with its tag and source."""
    permitted = (
        Rule(f"permission {row.name}", row.tag, row.source, row.text)
        for row in permissions().values()
    )
    switched = (
        Rule(f"switch {doc.name}", doc.tag, doc.source, doc.text, values=doc.values)
        for doc in switch_docs()
    )
    eras = (
        Rule(f"era {name}", "assumed", row["source"], row["text"])
        for name, row in data("eras.json").items()
    )
    return (*rules().values(), *permitted, *switched, *eras)
