"""What the HTTP API answers: built from named fields, never by leaving fields out."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from certification.application.ports import PublishedTransition
from certification.application.read_record import RecordPage
from certification.domain.record import Flag, HistoryEntry, Record
from certification.domain.standing import FLAG_WORDS
from certification.domain.states import STATE_WORDS, Action, State, Words
from certification.entrypoints.examples import FLAG, HISTORY, HISTORY_ENTRY, RECORD
from chassis.identity import Role


class WordsAnswer(BaseModel):
    """A text in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, words: Words) -> "WordsAnswer":
        """Build from the domain's value."""
        return cls(en=words.en, zh=words.zh)


class FlagAnswer(BaseModel):
    """What became known without changing the state."""

    model_config = ConfigDict(json_schema_extra={"examples": [FLAG]})

    code: str
    reason: str
    since: datetime
    successor_footprint_id: str | None
    words: WordsAnswer

    @classmethod
    def of(cls, flag: Flag) -> "FlagAnswer":
        """Build from the domain's value."""
        return cls(
            code=flag.code,
            reason=flag.reason,
            since=flag.since,
            successor_footprint_id=flag.successor_footprint_id,
            words=WordsAnswer.of(FLAG_WORDS[flag.code]),
        )


class TransitionAnswer(BaseModel):
    """One transition: the role that acted, not the person."""

    model_config = ConfigDict(json_schema_extra={"examples": [HISTORY_ENTRY]})

    action: Action
    from_state: State | None
    to_state: State
    role: Role
    reason: str
    at: datetime

    @classmethod
    def of(cls, entry: HistoryEntry | PublishedTransition) -> "TransitionAnswer":
        """Build from a transition."""
        return cls(
            action=entry.action,
            from_state=entry.from_state,
            to_state=entry.to_state,
            role=entry.actor.role if isinstance(entry, HistoryEntry) else entry.role,
            reason=entry.reason,
            at=entry.at,
        )


class FootprintAnswer(BaseModel):
    """The frozen footprint that the application is about; amounts in kg CO2e / declared unit."""

    id: str
    sha256: str
    product_id: str
    product_name: WordsAnswer
    declared_unit_amount: float
    declared_unit: str
    boundary: str
    kg_co2e: float
    stages_kg_co2e: dict[str, float]
    primary_data_share_percent: float
    primary_activity_share_percent: float
    method_id: str
    frozen_at: datetime
    evidence: list[dict[str, str]]


class StatementAnswer(BaseModel):
    """The verifier's statement."""

    sha256: str
    type: str
    footprint_sha256: str
    verifier_name: str
    lead_verifier: str
    objective: str
    conclusion: str
    limitations: str
    method_id: str
    no_conflict_of_interest: bool
    date: date


class ApplicationAnswer(BaseModel):
    """An application, as its participants see it. Its id is the record's id."""

    id: str
    state: State
    state_words: WordsAnswer
    flags: list[FlagAnswer]
    scheme: str
    applicant_tenant_id: str
    verifier_tenant_id: str
    body_tenant_id: str
    footprint: FootprintAnswer
    statement: StatementAnswer | None
    issued_at: datetime | None
    valid_until: datetime | None
    sha256: str | None
    history: list[TransitionAnswer]

    @classmethod
    def of(cls, record: Record) -> "ApplicationAnswer":
        """Build from the aggregate."""
        document = record.document
        return cls(
            id=record.id,
            state=record.state,
            state_words=WordsAnswer.of(STATE_WORDS[record.state]),
            flags=[FlagAnswer.of(flag) for flag in record.flags],
            scheme=record.scheme_id,
            applicant_tenant_id=record.tenant_id,
            verifier_tenant_id=record.verifier_tenant_id,
            body_tenant_id=record.body_tenant_id,
            footprint=_footprint(record),
            statement=_statement(record),
            issued_at=document.issued_at if document else None,
            valid_until=document.valid_until if document else None,
            sha256=document.sha256 if document else None,
            history=[TransitionAnswer.of(entry) for entry in record.history],
        )


def _footprint(record: Record) -> FootprintAnswer:
    footprint = record.footprint
    return FootprintAnswer(
        id=footprint.id,
        sha256=footprint.sha256,
        product_id=footprint.product_id,
        product_name=WordsAnswer(en=footprint.product_name_en, zh=footprint.product_name_zh),
        declared_unit_amount=footprint.declared_unit.amount,
        declared_unit=footprint.declared_unit.unit,
        boundary=footprint.boundary,
        kg_co2e=footprint.kg_co2e,
        stages_kg_co2e={score.stage: score.kg_co2e for score in footprint.stages},
        primary_data_share_percent=footprint.primary_data_share_percent,
        primary_activity_share_percent=footprint.primary_activity_share_percent,
        method_id=footprint.method_id,
        frozen_at=footprint.frozen_at,
        evidence=[
            {"role": item.role, "id": item.id, "version": item.version, "sha256": item.sha256}
            for item in footprint.evidence
        ],
    )


def _statement(record: Record) -> StatementAnswer | None:
    statement = record.statement
    if statement is None:
        return None
    return StatementAnswer(
        sha256=statement.sha256(),
        type=statement.type,
        footprint_sha256=statement.footprint_sha256,
        verifier_name=statement.verifier_name,
        lead_verifier=statement.lead_verifier,
        objective=statement.objective,
        conclusion=statement.conclusion,
        limitations=statement.limitations,
        method_id=statement.method_id,
        no_conflict_of_interest=statement.no_conflict_of_interest,
        date=statement.date,
    )


class SchemeAnswer(BaseModel):
    """Under whose rules the record stands, and what it does not mean."""

    id: str
    name: WordsAnswer
    is_not: WordsAnswer


class RecordAnswer(BaseModel):
    """A public record. Where it stands comes first: a signature that verifies does not say it."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECORD]})

    standing: WordsAnswer
    state: State
    in_force: bool
    flags: list[FlagAnswer]
    issued_at: datetime
    valid_until: datetime
    record_id: str
    scheme: SchemeAnswer
    sha256: str
    key_id: str
    jws: str

    @classmethod
    def of(cls, page: RecordPage) -> "RecordAnswer":
        """Build from what the use case returns."""
        record, scheme = page.record, page.scheme
        return cls(
            standing=WordsAnswer.of(page.standing),
            state=record.state,
            in_force=page.in_force,
            flags=[FlagAnswer.of(flag) for flag in record.flags],
            issued_at=record.issued_at,
            valid_until=record.valid_until,
            record_id=record.record_id,
            scheme=SchemeAnswer(
                id=scheme.id,
                name=WordsAnswer.of(scheme.name),
                is_not=WordsAnswer.of(scheme.is_not),
            ),
            sha256=record.sha256,
            key_id=record.key_id,
            jws=record.jws,
        )


class HistoryAnswer(BaseModel):
    """A record's transitions, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [HISTORY]})

    record_id: str
    transitions: list[TransitionAnswer]
