"""Who may call what: every use case × every role."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from services.supplier.tests.examples import FOOTPRINT_OF_CATHODE, PLANT, REASON, YEAR
from services.supplier.tests.fakes import Memory, person
from services.supplier.tests.scenario import CATHODE

from chassis.clock import FixedClock, new_id
from chassis.errors import Forbidden, GreenchainError
from chassis.identity import Principal, Role
from supplier.application.add_records import add_batch, get_draft
from supplier.application.calculate_footprint import (
    get_activity_data,
    put_calculated_footprint,
    refuse_calculation,
)
from supplier.application.decide_declaration import accept_declaration, return_declaration
from supplier.application.discard_draft import discard_draft
from supplier.application.get_declaration import get_declaration
from supplier.application.list_data_requests import list_data_requests, list_received_data_requests
from supplier.application.list_granted_declarations import list_granted_declarations
from supplier.application.open_declaration import open_declaration
from supplier.application.ports import Context
from supplier.application.propose_data_requests import propose_data_requests
from supplier.application.send_data_request import send_data_request
from supplier.application.share_grants import list_grants, revoke_grant
from supplier.application.submit_declaration import submit_declaration
from supplier.domain.declaration import VersionReference

NAMED = VersionReference("d", 1, "a" * 64)
LEAD, SUPPLIER, EXPORTER = Role.LEAD_FIRM, Role.SUPPLIER, Role.EXPORTER
FOOTPRINT = Role.FOOTPRINT_SERVICE

Call = Callable[[Context, Principal], object]
CALLS: dict[str, tuple[Call, set[Role]]] = {
    "propose": (lambda c, p: propose_data_requests(c, p, [CATHODE]), {LEAD, EXPORTER}),
    "send": (lambda c, p: send_data_request(c, p, "r", "s", YEAR), {LEAD}),
    "list own": (lambda c, p: list_data_requests(c, p, 0, ""), {LEAD, EXPORTER}),
    "list received": (lambda c, p: list_received_data_requests(c, p, 0, ""), {SUPPLIER}),
    "open": (lambda c, p: open_declaration(c, p, "r", PLANT, YEAR), {SUPPLIER}),
    "open stream": (lambda c, p: get_draft(c, p, "d", 1), {SUPPLIER}),
    "add batch": (lambda c, p: add_batch(c, p, "d", 1, 1, []), {SUPPLIER}),
    "submit": (lambda c, p: submit_declaration(c, p, "d", 1), {SUPPLIER}),
    "discard": (lambda c, p: discard_draft(c, p, "d", 1), {SUPPLIER}),
    "get": (lambda c, p: get_declaration(c, p, "d", 1), {SUPPLIER}),
    "list granted": (
        lambda c, p: list_granted_declarations(c, p, [], None),
        {LEAD, EXPORTER, FOOTPRINT},
    ),
    "accept": (lambda c, p: accept_declaration(c, p, NAMED), {LEAD}),
    "return": (lambda c, p: return_declaration(c, p, NAMED, "why"), {LEAD}),
    "pull": (lambda c, p: get_activity_data(c, p, NAMED), {FOOTPRINT}),
    "put": (lambda c, p: put_calculated_footprint(c, p, NAMED, FOOTPRINT_OF_CATHODE), {FOOTPRINT}),
    "refuse": (lambda c, p: refuse_calculation(c, p, NAMED, [REASON]), {FOOTPRINT}),
    "list grants": (lambda c, p: list_grants(c, p, ""), {SUPPLIER}),
    "revoke grant": (lambda c, p: revoke_grant(c, p, "g"), {SUPPLIER}),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_open_to_its_roles_alone(name: str, role: Role) -> None:
    call, allowed = CALLS[name]
    context = Context(Memory().open, FixedClock(datetime(2026, 1, 5, tzinfo=UTC)), new_id)
    refused = False
    try:
        call(context, person("somebody", "some-tenant", role))
    except Forbidden:
        refused = True
    except GreenchainError:
        pass  # let in, and then told that there is no such thing
    assert refused == (role not in allowed)
