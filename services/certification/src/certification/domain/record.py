"""A green-product record, from the application to its end."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from certification.domain.errors import (
    FootprintDeprecated,
    FootprintStale,
    NotIndependent,
    ReasonMissing,
    RecordEnded,
    SameIdentity,
    StatementNotCompliant,
    TransitionNotAllowed,
    UnfitText,
)
from certification.domain.footprint import Footprint
from certification.domain.scheme import Scheme
from certification.domain.statement import Conclusion, Statement
from certification.domain.states import FINAL, TRANSITIONS, Action, State
from certification.domain.text import is_blank, unseen
from chassis.errors import Forbidden, InvalidInput, Location, NotFound, Violation
from chassis.identity import Role


class FlagCode(StrEnum):
    """What may become known about a record without changing its state."""

    FOOTPRINT_STALE = "footprint_stale"
    FOOTPRINT_DEPRECATED = "footprint_deprecated"


@dataclass(frozen=True, slots=True)
class Flag:
    """An attribute of a record: what became known, why and since when.

    Attributes
    ----------
    reason
        Stable code, e.g. `declaration_corrected`.
    successor_footprint_id
        The footprint that replaces the record's own, for `footprint_deprecated`.
    """

    code: FlagCode
    reason: str
    since: datetime
    successor_footprint_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which organisation and in which role."""

    subject: str
    tenant_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One transition as it happened; `from_state` is None for the first."""

    action: Action
    from_state: State | None
    to_state: State
    actor: Actor
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """What was issued.

    Attributes
    ----------
    jws
        The compact JWS.
    sha256
        Hash of its characters.
    key_id
        Key that signed it (RFC 7638 thumbprint).
    """

    jws: str
    sha256: str
    key_id: str
    issued_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A record and its application; a change returns a new value.

    Attributes
    ----------
    id
        Identifier of the application and of the record that comes of it.
    tenant_id
        The applicant's organisation.
    verifier_tenant_id, body_tenant_id
        Organisations that the applicant named to state and to decide.
    history
        All transitions, oldest first.
    """

    id: str
    tenant_id: str
    scheme_id: str
    footprint: Footprint
    verifier_tenant_id: str
    body_tenant_id: str
    state: State
    history: tuple[HistoryEntry, ...]
    flags: tuple[Flag, ...] = ()
    statement: Statement | None = None
    document: SignedDocument | None = None

    @classmethod
    def apply_for(
        cls,
        *,
        record_id: str,
        scheme: Scheme,
        footprint: Footprint,
        verifier_tenant_id: str,
        body_tenant_id: str,
        actor: Actor,
        at: datetime,
    ) -> "Record":
        """Open an application in the actor's organisation."""
        named = {"verifier_tenant_id": verifier_tenant_id, "body_tenant_id": body_tenant_id}
        violations: list[Violation] = []
        for name, tenant_id in named.items():
            if tenant_id == actor.tenant_id:
                violations.append(NotIndependent(location=Location(name)))
            elif character := unseen(tenant_id):
                violations.append(UnfitText(location=Location(name), character=character))
        if violations:
            raise InvalidInput(violations=tuple(violations))
        row = TRANSITIONS[Action.SUBMIT]
        if actor.role not in row.roles:
            raise Forbidden(needed=_names(row.roles))
        reason = f"scheme {scheme.id}, footprint {footprint.id}"
        entry = HistoryEntry(Action.SUBMIT, None, row.to_state, actor, reason, at)
        return cls(
            id=record_id,
            tenant_id=actor.tenant_id,
            scheme_id=scheme.id,
            footprint=footprint,
            verifier_tenant_id=verifier_tenant_id,
            body_tenant_id=body_tenant_id,
            state=row.to_state,
            history=(entry,),
        )

    @property
    def is_final(self) -> bool:
        """Whether no action can change the state any more."""
        return self.state in FINAL

    def tenant_of(self, role: Role) -> str | None:
        """Return the organisation that acts on this record in `role`."""
        return {
            Role.EXPORTER: self.tenant_id,
            Role.VERIFIER: self.verifier_tenant_id,
            Role.CERTIFICATION_BODY: self.body_tenant_id,
        }.get(role)

    def check(self, action: Action, actor: Actor) -> None:
        """Raise unless `actor` may take `action` now."""
        row = TRANSITIONS[action]
        if actor.role not in row.roles:
            raise Forbidden(needed=_names(row.roles))
        if actor.tenant_id != self.tenant_of(actor.role):
            raise NotFound(what="record", id=self.id)
        if self.state not in row.from_states:
            refusal = RecordEnded if self.is_final else TransitionNotAllowed
            raise refusal(
                action=action,
                state=self.state,
                possible=tuple(
                    name for name, other in TRANSITIONS.items() if self.state in other.from_states
                ),
            )
        for entry in self.history:
            if entry.actor.subject == actor.subject and entry.actor.role != actor.role:
                raise SameIdentity(action=action, earlier_role=entry.actor.role)
        if action is Action.ISSUE:
            self._check_issuable()

    def _check_issuable(self) -> None:
        if self.statement is None or self.statement.conclusion is not Conclusion.COMPLIANT:
            found = self.statement.conclusion if self.statement else Conclusion.INFORMATION_NEEDED
            raise StatementNotCompliant(conclusion=found)
        for flag in self.flags:
            if flag.code is FlagCode.FOOTPRINT_DEPRECATED:
                raise FootprintDeprecated(footprint_id=self.footprint.id)
        for flag in self.flags:
            if flag.code is FlagCode.FOOTPRINT_STALE:
                raise FootprintStale(footprint_id=self.footprint.id, reason=flag.reason)

    def file_statement(
        self, statement: Statement, scheme: Scheme, actor: Actor, at: datetime
    ) -> "Record":
        """Put the verifier's statement in; the certification body may decide then."""
        self.check(Action.FILE_STATEMENT, actor)
        statement.check(self.footprint, scheme, at)
        stated = replace(self, statement=statement)
        return stated._moved(Action.FILE_STATEMENT, actor, f"statement: {statement.conclusion}", at)

    def issue(self, document: SignedDocument, actor: Actor, reason: str) -> "Record":
        """Issue the record with its signed document."""
        self.check(Action.ISSUE, actor)
        issued = replace(self, document=document)
        return issued._moved(Action.ISSUE, actor, reason, document.issued_at)

    def move(self, action: Action, actor: Actor, reason: str, at: datetime) -> "Record":
        """Take an action that needs nothing but a reason: reject, suspend, reinstate and so on."""
        if action in (Action.SUBMIT, Action.FILE_STATEMENT, Action.ISSUE):
            raise ValueError(f"{action} needs more than a reason; it has a method of its own")
        self.check(action, actor)
        return self._moved(action, actor, reason, at)

    def flag(self, flag: Flag) -> "Record":
        """Add what became known; a flag that the record has already stays as it is.

        The state never changes by it. A record in a final state is left alone.
        """
        if self.is_final or any(known.code is flag.code for known in self.flags):
            return self
        return replace(self, flags=(*self.flags, flag))

    def _moved(self, action: Action, actor: Actor, reason: str, at: datetime) -> "Record":
        where = Location("reason")
        if is_blank(reason):
            raise InvalidInput(violations=(ReasonMissing(location=where),))
        if character := unseen(reason, lines=True):
            raise InvalidInput(violations=(UnfitText(location=where, character=character),))
        to_state = TRANSITIONS[action].to_state
        entry = HistoryEntry(action, self.state, to_state, actor, reason, at)
        return replace(self, state=to_state, history=(*self.history, entry))


def _names(roles: frozenset[Role]) -> str:
    return " / ".join(sorted(f"role {role}" for role in roles))
