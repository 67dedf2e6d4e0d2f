"""What `pull --update` changed in a file, as text."""

from __future__ import annotations

from graphpolicy.policyfile.update import Update
from graphpolicy.render.escape import printable


def render_update(result: Update) -> str:
    """Each changed setting with its new place, and one last line that counts.

    A list has a line for each entry that was added, removed or changed.
    """
    lines = []
    for changed in result.changed:
        base = f" (overrides {changed.overrides})" if changed.overrides else ""
        lead = f"{changed.place}: {changed.name}"
        if changed.moves:
            lines.append(f"{lead}{base}")
            lines += [f"  {symbol} {text}" for symbol, text in changed.moves]
        else:
            lines.append(f"{lead}: {changed.before} -> {changed.after}{base}")
    words = [f"{len(result.changed)} changed"]
    if result.left:
        words.append(f"{len(result.left)} could not be updated")
    file = result.desired.file
    lines.append(f"{result.desired.tenant.name}: {file}: {', '.join(words)}")
    return "".join(f"{printable(line)}\n" for line in lines)
