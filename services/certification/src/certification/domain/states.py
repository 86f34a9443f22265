"""States of a record and the one table of its transitions.

A record begins as an application: both are one aggregate with one id. The table says, for each
action, from which states it leads where and which roles may take it; nothing else in the service
repeats that. Facts that leave the state alone are flags (`certification.domain.record.Flag`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from chassis.identity import Role


class State(StrEnum):
    """Where a record stands."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    ISSUED = "issued"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class Action(StrEnum):
    """What a party does to a record."""

    SUBMIT = "submit"
    FILE_STATEMENT = "file_statement"
    ISSUE = "issue"
    REJECT = "reject"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Attributes
    ----------
    from_states
        States in which the action is possible; empty: it opens the application.
    to_state
        State after it.
    roles
        Roles that may take it.
    """

    from_states: frozenset[State]
    to_state: State
    roles: frozenset[Role]


def _row(from_states: tuple[State, ...], to_state: State, *roles: Role) -> Transition:
    return Transition(frozenset(from_states), to_state, frozenset(roles))


_OPEN = (State.SUBMITTED, State.UNDER_REVIEW)
_STANDING = (State.ISSUED, State.SUSPENDED)
_BODY = Role.CERTIFICATION_BODY

TRANSITIONS: Mapping[Action, Transition] = MappingProxyType(
    {
        Action.SUBMIT: _row((), State.SUBMITTED, Role.EXPORTER),
        Action.FILE_STATEMENT: _row((State.SUBMITTED,), State.UNDER_REVIEW, Role.VERIFIER),
        Action.ISSUE: _row((State.UNDER_REVIEW,), State.ISSUED, _BODY),
        Action.REJECT: _row((State.UNDER_REVIEW,), State.REJECTED, _BODY),
        Action.SUSPEND: _row((State.ISSUED,), State.SUSPENDED, _BODY),
        Action.REINSTATE: _row((State.SUSPENDED,), State.ISSUED, _BODY),
        Action.REVOKE: _row(_STANDING, State.REVOKED, _BODY),
        # An application too: who named the wrong verifier has no other way to begin again.
        Action.WITHDRAW: _row((*_OPEN, *_STANDING), State.WITHDRAWN, Role.EXPORTER),
    }
)

FINAL = frozenset(State) - frozenset().union(*(t.from_states for t in TRANSITIONS.values()))
"""States that no action leaves."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same text in English and simplified Chinese."""

    en: str
    zh: str


STATE_WORDS: Mapping[State, Words] = MappingProxyType(
    {
        State.SUBMITTED: Words(
            "Applied for; no verification statement yet.", "已申请，尚无核查声明。"
        ),
        State.UNDER_REVIEW: Words("Under review by the certification body.", "认证机构正在评审。"),
        State.ISSUED: Words("Issued.", "已颁发。"),
        State.REJECTED: Words(
            "Application rejected; no record exists.", "申请被拒绝，记录不存在。"
        ),
        State.SUSPENDED: Words(
            "Suspended: do not rely on this record for now.", "暂停：目前请勿依据本记录。"
        ),
        State.WITHDRAWN: Words(
            "Withdrawn by its holder for good: not valid.", "持有人已注销：本记录无效。"
        ),
        State.REVOKED: Words(
            "Revoked by the certification body for good: not valid.",
            "认证机构已撤销：本记录无效。",
        ),
    }
)
