"""The one table that says which role may make which transition."""

from enum import StrEnum
from types import MappingProxyType

from chassis.identity import Principal, Role
from supplier.domain.errors import WrongState


class DataRequestState(StrEnum):
    """Where a data request stands."""

    PROPOSED = "proposed"
    SENT = "sent"
    ANSWERED = "answered"
    FULFILLED = "fulfilled"


class DeclarationState(StrEnum):
    """Where one version of a declaration stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CALCULATED = "calculated"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


State = DataRequestState | DeclarationState

_R, _D = DataRequestState, DeclarationState

#: (from, to) → roles that may make the step; from None: it comes into being.
TRANSITIONS: MappingProxyType[tuple[State | None, State], frozenset[Role]] = MappingProxyType(
    {
        (None, _R.PROPOSED): frozenset({Role.EXPORTER, Role.LEAD_FIRM}),
        (_R.PROPOSED, _R.SENT): frozenset({Role.LEAD_FIRM}),
        (_R.SENT, _R.ANSWERED): frozenset({Role.SUPPLIER}),
        (_R.ANSWERED, _R.FULFILLED): frozenset({Role.LEAD_FIRM}),
        (None, _D.DRAFT): frozenset({Role.SUPPLIER}),
        (_D.DRAFT, _D.SUBMITTED): frozenset({Role.SUPPLIER}),
        (_D.SUBMITTED, _D.CALCULATED): frozenset({Role.FOOTPRINT_SERVICE}),
        (_D.SUBMITTED, _D.REFUSED): frozenset({Role.FOOTPRINT_SERVICE}),
        (_D.CALCULATED, _D.ACCEPTED): frozenset({Role.LEAD_FIRM}),
        (_D.CALCULATED, _D.RETURNED): frozenset({Role.LEAD_FIRM}),
        # By accepting a later version.
        (_D.SUBMITTED, _D.SUPERSEDED): frozenset({Role.LEAD_FIRM}),
        (_D.CALCULATED, _D.SUPERSEDED): frozenset({Role.LEAD_FIRM}),
        (_D.ACCEPTED, _D.SUPERSEDED): frozenset({Role.LEAD_FIRM}),
        (_D.RETURNED, _D.SUPERSEDED): frozenset({Role.LEAD_FIRM}),
        (_D.REFUSED, _D.SUPERSEDED): frozenset({Role.LEAD_FIRM}),
    }
)


def require_role_for(principal: Principal, target: State) -> None:
    """Raise `Forbidden` unless the principal may bring anything into the state `target`.

    Asked before anything is looked up, so that the answer tells nothing about what there is.
    """
    roles = {role for (_, to), allowed in TRANSITIONS.items() if to is target for role in allowed}
    principal.require(*sorted(roles))


def check_step(source: State, target: State, what: str, id: str) -> None:
    """Raise `WrongState` unless the table knows the step."""
    if (source, target) not in TRANSITIONS:
        raise WrongState(what=what, id=id, state=source.value, wanted=target.value)
