"""Who may use what, as a table of the page of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.model import Matrix, Use
from graphpolicy.render.as_html import text
from graphpolicy.render.phrases import USES


def matrix_html(matrix: Matrix, *, drift: bool) -> Iterator[str]:
    """Who may use what after the plan; for a drift, now and after an apply."""
    if not matrix.rows:
        return
    yield "<h3>Who may use what</h3>\n"
    about = "after this plan; a frame marks what changes."
    if drift:
        about = "as it is now; a frame marks what an apply would change."
    yield (
        f'<p class="soft">Every method of the tenant {about} '
        "An exclusion wins over an inclusion. Nested groups are not expanded.</p>\n"
    )
    head = ("method", *(text(group, 80) for group in matrix.groups))
    cells = ""
    for row in matrix.rows:
        name = f'<th scope="row">{text(row.label)}<br><code>{text(row.title)}</code></th>'
        cells += f"<tr>{name}{''.join(_use(*cell, drift=drift) for cell in row.cells)}</tr>\n"
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    yield '<div class="scroll"><table class="matrix">\n'
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{cells}</tbody></table></div>\n"


def _use(before: Use, after: Use, *, drift: bool) -> str:
    if before == after:
        mood = {"yes": "good", "everyone": "good", "excluded": "warning", "no": "note"}[after]
        return f'<td class="{mood}">{USES[after]}</td>'
    if drift:
        return (
            f'<td class="moved">{USES[before]}<br><span>after an apply: {USES[after]}</span></td>'
        )
    return f'<td class="moved">{USES[after]}<br><del>before: {USES[before]}</del></td>'
