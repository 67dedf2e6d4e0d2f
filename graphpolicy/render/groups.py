"""The groups that files use, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.model import Failure, Json, Unread
from graphpolicy.plan.group_list import NOT_THERE, GroupList, TenantGroups, UsedGroup, size_json
from graphpolicy.render import Style
from graphpolicy.render.as_json import failure_json, members, tenant_json
from graphpolicy.render.blocks import Block, Items, Line, by_tenant
from graphpolicy.render.plan_json import findings_json, wrong_files_json


def document(result: GroupList, _style: Style) -> Json:
    """`{tenants: [{tenant, groups, findings}]}`; a tenant that can't be read has `error`."""
    return {
        "tenants": [
            {"tenant": tenant_json(item.tenant), "error": failure_json(item)}
            if isinstance(item, Failure)
            else {
                "tenant": tenant_json(item.tenant),
                "groups": [_object(group) for group in item.groups],
                "findings": findings_json(item.findings),
            }
            for item in result.items
        ],
        **wrong_files_json(result.file_findings),
    }


def _object(group: UsedGroup) -> Json:
    return {
        **members(group, "name? id?"),
        "people": size_json(group.size),
        "uses": [
            {
                "of": use.of,
                "source": use.place
                and {
                    "file": use.place.file,
                    "line": use.place.line or None,
                    "column": use.place.column or None,
                },
            }
            for use in group.uses
        ],
    }


def blocks(result: GroupList, _style: Style) -> Iterator[Block]:
    """For each tenant its groups, each place that uses one, and what is wrong with them."""
    return by_tenant(result.items, _tenant, result.file_findings)


def _tenant(item: TenantGroups) -> Iterator[Block]:
    for group in item.groups:
        yield Line(f"{group.name or '(no name)'}  {group.id or '(no id)'}  {_people(group)}")
        yield Items([f"{use.place}  {use.of}" if use.place else use.of for use in group.uses])
    yield from item.findings
    unread = {
        each.size.why
        for each in item.groups
        if isinstance(each.size, Unread) and each.size is not NOT_THERE
    }
    for why in sorted(unread):
        yield Line(f"Not counted: {why}.")
    count = len(item.groups)
    yield Line(f"{count} group{'' if count == 1 else 's'} in the files")


def _people(group: UsedGroup) -> str:
    if isinstance(group.size, Unread):
        return "not found" if group.size is NOT_THERE else "not counted"
    return "1 person" if group.size == 1 else f"{group.size:,} people"
