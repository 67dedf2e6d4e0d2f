"""Combination configurations: which keys or certificates a strength's combinations take."""

from ..graph.call import Answer, Call
from ..rules import enforces
from ..tables import JsonObject
from .api import found, missing, true
from .custom_strengths import CONFIGURED
from .view import configured as shown, identifier, root_of
from .write import Write, commit, configured, hold_custom, reconfigured


def list_configurations(call: Call) -> Answer:
    """Answer the combination configurations of a strength."""
    row = found(call, call.tenant.strengths.seen())
    rows = call.view.ordered([shown(call, each) for each in row[CONFIGURED]])
    return Answer(200, {"@odata.context": _context(call, row), "value": rows})


def get(call: Call) -> Answer:
    """Answer one combination configuration."""
    row = found(call, call.tenant.strengths.seen())
    return _entity(call, row, _own(call, row))


@enforces("configuration-create")
def create(call: Call) -> Answer:
    """Add a combination configuration to a custom strength."""
    before = hold_custom(true(call))
    row = configured(call, before, call.json())
    after = {**before, CONFIGURED: [*before[CONFIGURED], row]}
    commit(call, Write("Combination Configuration Create", before, after))
    return _entity(call, before, row, 201)


def patch(call: Call) -> Answer:
    """Change a combination configuration."""
    before = hold_custom(true(call))
    old = _own(call, before)
    new = reconfigured(call, before, old, call.json())
    rows = [new if each is old else each for each in before[CONFIGURED]]
    commit(call, Write("Combination Configuration Update", before, {**before, CONFIGURED: rows}))
    if call.switches.strength_patch == "200_entity":
        return _entity(call, before, new)
    return Answer(204)


def delete(call: Call) -> Answer:
    """Remove a combination configuration."""
    before = hold_custom(true(call))
    old = _own(call, before)
    rows = [each for each in before[CONFIGURED] if each is not old]
    commit(call, Write("Combination Configuration Delete", before, {**before, CONFIGURED: rows}))
    return Answer(204)


def _own(call: Call, row: JsonObject) -> JsonObject:
    for each in row[CONFIGURED]:
        if each["id"].lower() == call.names[1].lower():
            own: JsonObject = each
            return own
    raise missing(call.names[1])


def _entity(call: Call, strength: JsonObject, own: JsonObject, status: int = 200) -> Answer:
    context = f"{_context(call, strength)}/$entity"
    return Answer(status, {"@odata.context": context, **shown(call, own)})


def _context(call: Call, strength: JsonObject) -> str:
    place = f"{root_of(call)}('{identifier(call, strength['id'])}')/{CONFIGURED}"
    return f"{call.message.root}/{call.version}/$metadata#{place}"
