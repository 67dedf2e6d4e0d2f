"""What is said about the people that a plan reaches."""

from __future__ import annotations

from dataclasses import replace

from syrupy.assertion import SnapshotAssertion

from graphpolicy.model import ChangeImpact, Counted, GroupSize, Numbers, Unread
from graphpolicy.render.impact import as_of, details, headline, not_counted

MANY = Counted(
    everyone=Numbers(61_204, 40, 31_002, 3, 14, 1_200, 25, 9, 6, 2_000, 1, 4),
    guests=Numbers(people=900, lose=12, without_mfa=3),
    admins=Numbers(people=12, lose=2, without_mfa=2),
    emergency=Numbers(people=2, lose=1, without_mfa=1),
    changes=(
        ChangeImpact("Sms", "state", 0, 31_002, 14, 60_000),
        ChangeImpact("Fido2", "includeTargets", 40, 0, 0, 120, 80),
        ChangeImpact("authenticationMethodsPolicy", "description", 0, 0, 0, 0),
    ),
    groups=(
        GroupSize("a", "Pilot", 1_120, dynamic=True, synchronised=True),
        GroupSize("b", "Nobody here", 0),
        GroupSize("c", "Secret", None),
        GroupSize("d", "", None, gone=True),
    ),
    models=(("cb69481e-8ff7-4039-93ec-0a2729a154a8", 12), ("ee882879", 1)),
    unused=7,
    strange=(("quantumKey", 2),),
    as_of="2026-11-29T03:00:00Z",
    unread=(Unread("the members of the group c could not be read", "grant GroupMember.Read.All"),),
    notes=(Unread("when people last used their methods could not be read", "read beta"),),
)
ONE = Numbers(people=1, **dict.fromkeys(("lose", "without_mfa", "not_known"), 1))
NOTHING = Counted(Numbers(people=1_000), Numbers(), Numbers(), Numbers())


def said(counted: Counted, *, gaps: bool = True) -> list[str]:
    """The headline, and each part with its lines indented below its title."""
    lines = [headline(counted)]
    for part in details(counted, gaps=gaps):
        lines += [part.title or "All people", *(f"  {line}" for line in part.lines)]
    return [*lines, as_of(counted)]


def test_the_words_about_people(snapshot: SnapshotAssertion) -> None:
    """Many, one person, nobody, only a gain, and people who could not be counted."""
    gained = replace(NOTHING, everyone=Numbers(people=5, gain=2, not_known=3))
    assert {
        "many": said(MANY),
        "one person": said(Counted(ONE, Numbers(), ONE, Numbers(), unused=1)),
        "nobody": said(NOTHING),
        "gained": said(gained),
        "not counted": not_counted(Unread("Graph said 403", "grant AuditLog.Read.All")),
    } == snapshot


def test_only_what_is_not_zero_is_said() -> None:
    assert list(details(NOTHING)) == []
    lines = [line for part in details(MANY) for line in part.lines]
    assert not [line for line in lines if line.startswith("0 ")]
    assert not [part for part in details(MANY, gaps=False) if "Not counted" in part.title]
