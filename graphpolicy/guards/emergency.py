"""Guards on the accounts that must get in when everything else fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphpolicy.guards.credentials import credential_lost, usable
from graphpolicy.guards.methods import MULTIFACTOR, WEAK
from graphpolicy.guards.reach import reach, shifts
from graphpolicy.guards.restrictions import FIDO2, tightened
from graphpolicy.guards.situation import Both, Situation
from graphpolicy.model import POLICY, Account, Finding


def emergency_access_missing(situation: Situation) -> Iterator[Finding]:
    """Nobody said which accounts must get in, and the plan could take their method away.

    Narrowing weak methods is no such plan: no such account relies on them alone.
    """
    if situation.emergency.said:
        return
    narrowed = [both for both in situation.of(MULTIFACTOR - WEAK) if _narrows(both)]
    if narrowed:
        yield Finding(
            "emergency-access-missing",
            "error",
            f"the plan narrows {', '.join(both.title for both in narrowed)}, and the policy does "
            "not say which accounts must keep a method in an emergency",
            "list them under emergencyAccess, or write emergencyAccess: {none: REASON}",
            POLICY,
            "emergencyAccess",
        )


def emergency_access_locked_out(situation: Situation) -> Iterator[Finding]:
    """An account of `emergencyAccess` had a method that it could use and would have none."""
    methods = situation.of(MULTIFACTOR)
    for account in situation.emergency.accounts:
        before = [(both, usable(both.before, account)) for both in methods]
        after = {both.id: usable(both.after, account) for both in methods}
        lost = [both for both, was in before if was is not False and after[both.id] is not True]
        moved = [both for both in lost if reach(both.before) != reach(both.after)]
        if True in after.values() or not moved:
            yield from credential_lost(methods, account)
            continue
        known = any(was for _, was in before) and None not in after.values()
        yield moved[0].finding(
            "emergency-access-locked-out",
            f"{account.label} is emergency access and {'would' if known else 'may'} be left "
            "without a usable method"
            + ("" if known else "; the groups that it is in could not be read"),
            "keep a method other than a pass or e-mail for it: include it, or don't exclude it",
            "includeTargets" if reach(moved[0].after).on else "state",
            "error" if known else "warning",
        )


def unknown_accounts(accounts: Iterable[Account]) -> Iterator[Finding]:
    """Accounts that nobody can watch over, because the directory does not show them."""
    for account in accounts:
        if not account.id and account.readable:
            yield Finding(
                "emergency-account-not-found",
                "warning",
                f"{account.label} of emergencyAccess is not in the directory: it protects nobody",
                "correct the name, or write the id of the account that is meant",
            )
        elif not account.id or account.within is None:
            yield _not_verified(
                f"{account.label} of emergencyAccess could not be looked up with its groups: "
                "whether it keeps a method is only partly checked",
                "grant GroupMember.Read.All and User.ReadBasic.All",
            )
        elif account.people is None:
            yield _not_verified(
                f"what is registered for {account.label} of emergencyAccess could not be read: "
                "whether the policy still accepts it is not checked",
                "grant UserAuthenticationMethod.Read.All",
            )


def _not_verified(message: str, help_: str) -> Finding:
    return Finding("emergency-account-not-verified", "note", message, help_)


def _narrows(both: Both) -> bool:
    """Whether somebody may lose the method."""
    before, after = reach(both.before), reach(both.after)
    if not before.anybody:
        return False
    if not after.anybody or (both.kind == FIDO2 and tightened(both)):
        return True
    return any(shift.left_out or shift.shut_out for shift in shifts(both))
