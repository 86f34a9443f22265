"""Applications, records, statements, flags, access, audit and the public projection."""

import sqlalchemy as sa
from alembic import op

from chassis.database import UtcDateTime
from chassis.migrations import create_messaging_tables_v1

revision = "0001"
down_revision = None

# Written out, not imported from the domain: a released step never changes.
STATES = "('issued', 'rejected', 'revoked', 'submitted', 'suspended', 'under_review', 'withdrawn')"
NOT_FINAL = "('issued', 'submitted', 'suspended', 'under_review')"
UNISSUED = "('rejected', 'submitted', 'under_review')"
ISSUED = "('issued', 'revoked', 'suspended')"
ACTIONS = (
    "('file_statement', 'issue', 'reinstate', 'reject', 'revoke', 'submit', 'suspend', 'withdraw')"
)
PARTIES = "('certification_body', 'exporter', 'verifier')"


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=nullable)


def _long_text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> "sa.Column[sa.DateTime]":
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def _of_record(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "record_id"], ["record.tenant_id", "record.id"], name=f"fk_{table}_record"
    )


def _check(condition: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def upgrade() -> None:
    create_messaging_tables_v1(op)
    _create_record()
    _create_parts_of_a_record()
    _create_access()
    _create_published_record()
    _create_verification_key()


def _create_record() -> None:
    op.create_table(
        "record",
        _text("tenant_id"),
        _text("id"),
        _text("scheme_id"),
        _text("footprint_id"),
        sa.Column("footprint", sa.JSON(), nullable=False),
        _text("verifier_tenant_id"),
        _text("body_tenant_id"),
        _text("state"),
        sa.Column("announced", sa.Integer(), nullable=False),
        _long_text("jws", nullable=True),
        _text("jws_sha256", nullable=True),
        _text("key_id", nullable=True),
        _instant("issued_at", nullable=True),
        _instant("valid_until", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_record"),
        _check(f"state IN {STATES}", "ck_record_state"),
        _check(f"jws IS NULL OR NOT (state IN {UNISSUED})", "ck_record_unissued_has_none"),
        _check(f"jws IS NOT NULL OR NOT (state IN {ISSUED})", "ck_record_issued_has_document"),
        _check(
            "(jws IS NULL) = (jws_sha256 IS NULL) AND (jws IS NULL) = (key_id IS NULL) "
            "AND (jws IS NULL) = (issued_at IS NULL) AND (jws IS NULL) = (valid_until IS NULL)",
            "ck_record_document_whole",
        ),
        _check(
            "tenant_id <> verifier_tenant_id AND tenant_id <> body_tenant_id",
            "ck_record_independent",
        ),
        _check("announced >= 0", "ck_record_announced"),
    )
    op.create_index("ix_record_tenant_id", "record", ["tenant_id"])
    op.create_index(
        "uq_record_standing",
        "record",
        ["tenant_id", "footprint_id", "scheme_id"],
        unique=True,
        sqlite_where=sa.text(f"state IN {NOT_FINAL}"),
        postgresql_where=sa.text(f"state IN {NOT_FINAL}"),
    )


def _create_parts_of_a_record() -> None:
    op.create_table(
        "transition",
        _text("tenant_id"),
        _text("record_id"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _text("action"),
        _text("from_state", nullable=True),
        _text("to_state"),
        _text("role"),
        _text("subject"),
        _text("actor_tenant_id"),
        _long_text("reason"),
        _instant("at"),
        sa.PrimaryKeyConstraint("record_id", "sequence"),
        _of_record("transition"),
        _check(f"action IN {ACTIONS}", "ck_transition_action"),
        _check(f"from_state IS NULL OR from_state IN {STATES}", "ck_transition_from"),
        _check(f"to_state IN {STATES}", "ck_transition_to"),
        _check(f"role IN {PARTIES}", "ck_transition_role"),
        _check("reason <> ''", "ck_transition_reason"),
    )
    op.create_index("ix_transition_tenant_id", "transition", ["tenant_id"])
    op.create_table(
        "statement",
        _text("tenant_id"),
        _text("record_id"),
        _text("type"),
        _text("footprint_sha256"),
        _text("verifier_name"),
        _text("lead_verifier"),
        _long_text("objective"),
        _text("conclusion"),
        _long_text("limitations"),
        _text("method_id"),
        sa.Column("no_conflict_of_interest", sa.Boolean(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
        _of_record("statement"),
        _check(
            "conclusion IN ('compliant', 'information_needed', 'not_compliant')",
            "ck_statement_conclusion",
        ),
        _check("no_conflict_of_interest", "ck_statement_no_conflict"),
    )
    op.create_index("ix_statement_tenant_id", "statement", ["tenant_id"])
    op.create_table(
        "record_flag",
        _text("tenant_id"),
        _text("record_id"),
        _text("code"),
        _text("reason"),
        _instant("since"),
        _text("successor_footprint_id", nullable=True),
        sa.PrimaryKeyConstraint("record_id", "code"),
        _of_record("record_flag"),
        _check("code IN ('footprint_deprecated', 'footprint_stale')", "ck_record_flag_code"),
    )
    op.create_index("ix_record_flag_tenant_id", "record_flag", ["tenant_id"])


def _create_access() -> None:
    op.create_table(
        "record_access",
        _text("tenant_id"),
        sa.Column("id", sa.Integer(), nullable=False),
        _text("record_id"),
        _text("role"),
        _text("owner_tenant_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "record_id", "role", name="uq_record_access"),
        _check("role IN ('certification_body', 'verifier')", "ck_record_access_role"),
    )
    op.create_index("ix_record_access_tenant_id", "record_access", ["tenant_id"])
    op.create_table(
        "access_audit",
        _text("tenant_id"),
        sa.Column("id", sa.Integer(), nullable=False),
        _text("record_id"),
        _text("subject"),
        _text("reader_tenant_id"),
        _text("role"),
        _text("operation"),
        _instant("at"),
        sa.PrimaryKeyConstraint("id"),
        _of_record("access_audit"),
    )
    op.create_index("ix_access_audit_tenant_id", "access_audit", ["tenant_id"])


def _create_published_record() -> None:
    op.create_table(
        "published_record",
        _text("record_id"),
        _text("tenant_id"),
        _text("scheme_id"),
        _text("state"),
        _instant("issued_at"),
        _instant("valid_until"),
        _text("key_id"),
        _text("jws_sha256"),
        _long_text("jws"),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
        _check(f"NOT (state IN {UNISSUED})", "ck_published_record_state"),
    )


def _create_verification_key() -> None:
    op.create_table(
        "verification_key",
        _text("key_id"),
        sa.Column("jwk", sa.JSON(), nullable=False),
        _instant("since"),
        sa.PrimaryKeyConstraint("key_id"),
    )
