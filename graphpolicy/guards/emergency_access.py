"""Guards on emergency accounts: they must get in when everything else fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.guards.enabled_methods import MULTIFACTOR, WEAK
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.guards.restrictions import tightened
from graphpolicy.guards.usable_methods import counted, credential_lost, names_of, usable
from graphpolicy.model import POLICY, Account, DirectoryUser, Finding, Level, Place, Unread
from graphpolicy.people.keys import FIDO2


def emergency_access_missing(view: PlanView) -> Iterator[Finding]:
    """The policy names no emergency accounts, and the plan could take their method away.

    Narrowing weak methods does not count: an emergency account should not rely on them alone.
    """
    if view.emergency.said:
        return
    narrowed = [both for both in view.of(MULTIFACTOR - WEAK) if _narrows(both)]
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


def emergency_access_locked_out(view: PlanView) -> Iterator[Finding]:
    """An account of `emergencyAccess` had a method that it could use and would have none.

    If the members of a group are known, each is judged by all groups that they are in.
    """
    methods = view.of(MULTIFACTOR)
    for account in view.emergency.accounts:
        people = account.people or ()
        alone = {each.id: _lost(methods, each) for each in people or (account,)}
        for number, known in dict.fromkeys(filter(None, alone.values())):
            who = [each for each in people if alone[each.id] == (number, known)]
            found = _without(methods[number], known, counted(who, account), len(who) or None)
            yield replace(found, names=names_of(who, account))
        yield from credential_lost(methods, account, [one for one in people if not alone[one.id]])


def _lost(methods: Sequence[BeforeAfter], who: Account | DirectoryUser) -> tuple[int, bool] | None:
    """The number of the method whose change leaves somebody without any, and if that is certain."""
    before = [usable(both.before, who) for both in methods]
    after = [usable(both.after, who) for both in methods]
    moved = [
        number
        for number, both in enumerate(methods)
        if before[number] is not False
        and after[number] is not True
        and both.reached != both.reaches
    ]
    if True in after or not moved:
        return None
    return moved[0], any(before) and None not in after


def _without(both: BeforeAfter, known: bool, who: str, people: int | None) -> Finding:
    return both.finding(
        "emergency-access-locked-out",
        f"{who} {'would' if known else 'may'} be left without a usable method"
        + ("" if known else "; the groups that it is in could not be read"),
        "keep a method for it, other than a pass or email: include it, or don't exclude it",
        _ending(both),
        "error" if known else "warning",
        people=people,
    )


def _ending(both: BeforeAfter) -> str:
    """The setting that takes a method away from somebody."""
    before, after = both.reached, both.reaches
    if not after.on:
        return "state"
    return "excludeTargets" if after.exclude - before.exclude else "includeTargets"


ENTRIES = "emergencyAccess"


def misnamed(account: Account, where: str, place: Place | None) -> Iterator[Finding]:
    """A name and an id in one entry that the directory has for different objects.

    If the name belongs to another object it is not clear which is right: that is an error.
    """
    if not account.called:
        return
    kind = "group" if account.group else "user"
    lead = f"{account.label} of {where} has the id {account.id}, which belongs to the {kind} "
    if account.other:
        yield Finding(
            "name-of-another",
            "error",
            f"{lead}{account.called!r}; the {kind} with that name is {', '.join(account.other)}",
            "write the name and the id of one of the two",
            source=place,
        )
        return
    yield Finding(
        "group-renamed",
        "warning",
        f"{lead}{account.called!r}; the id decides",
        "write the new name if this is still the right one",
        source=place,
    )


def unknown_accounts(
    accounts: Iterable[Account],
    places: Mapping[tuple[str, int], Place],
    *,
    changes: bool,
    taking: bool,
) -> Iterator[Finding]:
    """Entries of `emergencyAccess` that the guards can't check, because they can't be looked up.

    `changes` is whether the plan changes anything, `taking` whether it takes a method from anybody:
    in that case an entry that protects nobody is an error.
    """
    for number, account in enumerate(accounts):
        place = places.get((ENTRIES, number))
        name = f"{account.label} of {ENTRIES}"
        yield from misnamed(account, ENTRIES, place)
        nobody = _nobody(account)
        if nobody:
            level: Level = "error" if taking else "warning"
            message = f"{name} {nobody.why}: it protects nobody"
            rule = "emergency-account-not-found"
            yield Finding(rule, level, message, nobody.fix, source=place)
        elif changes:
            yield from _half_known(account, name)


def takes_a_method(resources: Iterable[BeforeAfter]) -> bool:
    """Whether somebody may lose a method of any kind."""
    return any(_narrows(both) for both in resources if both.is_method)


def _nobody(account: Account) -> Unread | None:
    """Why an entry stands for nobody, and what to do about it."""
    if account.empty:
        return Unread("has no members", "add the accounts to it, or name another group")
    if account.id or not account.readable:
        return None
    return account.unread or Unread(
        "is not in the directory",
        "correct the name, or write the id of the right account",
    )


def _half_known(account: Account, name: str) -> Iterator[Finding]:
    """What could not be looked up about an account that exists, or may exist."""
    if not account.id or account.within is None:
        yield _not_verified(
            account,
            f"{name} could not be looked up with its groups, so it is only partly checked whether "
            "it keeps a method",
            "grant GroupMember.Read.All and User.ReadBasic.All",
        )
    elif account.people is None:
        yield _not_verified(
            account,
            f"the members of {name} could not be looked up, so it is not checked whether each of "
            "them keeps a registered method",
            "grant GroupMember.Read.All",
        )
    elif any(person.registered is None for person in account.people):
        yield _not_verified(
            account,
            f"what is registered for {name} could not be read, so it is not checked whether the "
            "policy still accepts it",
            "grant UserAuthenticationMethod.Read.All",
        )


def _not_verified(account: Account, message: str, fix: str) -> Finding:
    """What was not checked, and why if that is known."""
    unread = account.unread
    said = f"{message} ({unread.why})" if unread else message
    way_out = unread.fix if unread else fix
    return Finding("emergency-account-not-verified", "note", said, way_out)


def _narrows(both: BeforeAfter) -> bool:
    """Whether somebody may lose the method."""
    before, after = both.reached, both.reaches
    if not before.anybody:
        return False
    if not after.anybody or (both.kind == FIDO2 and tightened(both)):
        return True
    return any(shift.left_out or shift.shut_out for shift in both.shifts)
