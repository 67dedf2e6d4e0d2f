"""How large the policy gets: Microsoft refuses to save one that is too large."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from graphpolicy.model import POLICY, Finding, Json

NEAR = 0.8
"""From this part of the limit on it is worth knowing."""


def size(values: Json) -> int:
    """Bytes of a value as compact JSON, without annotations, which may not count."""
    return len(json.dumps(_bare(values), separators=(",", ":"), ensure_ascii=False).encode())


def too_large(before: int, after: int, limit: int, as_of: str) -> Iterator[Finding]:
    """What a policy that grows to `after` bytes means where Microsoft allows `limit`."""
    if after <= before or after <= limit * NEAR:
        return
    over = after > limit
    yield Finding(
        "policy-size",
        "warning" if over else "note",
        f"the policy would have about {after} bytes; Microsoft refuses to save more than {limit}, "
        f"as of {as_of}",
        "let groups share passkey profiles, and use one group in place of several"
        if over
        else "nothing for now; groups in place of long lists leave room",
        POLICY,
    )


def _bare(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _bare(member) for name, member in value.items() if "@" not in name}
    return [_bare(item) for item in value] if isinstance(value, list) else value
