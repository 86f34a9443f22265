"""Grants on the database: given, received, and used."""

from collections.abc import Collection

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from chassis.tenancy import TenantSession
from supplier.adapters.tables import GrantUseRow, ReceivedGrantRow, ShareGrantRow
from supplier.domain.grant import GrantField, GrantPurpose, GrantUse, ReceivedGrant, ShareGrant


class SqlGrants:
    """The grants that the current tenant gave."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def get(self, grant_id: str) -> ShareGrant | None:
        row = self._session.get(ShareGrantRow, (self._session.tenant_id, grant_id))
        return None if row is None else _grant(row)

    def of_declaration(self, declaration_id: str) -> list[ShareGrant]:
        statement = _oldest_first().where(ShareGrantRow.declaration_id == declaration_id)
        return [_grant(row) for row in self._session.exec(statement)]

    def all(self) -> list[ShareGrant]:
        return [_grant(row) for row in self._session.exec(_oldest_first())]

    def save(self, grant: ShareGrant) -> None:
        self._session.merge(
            ShareGrantRow(
                tenant_id=self._session.tenant_id,
                id=grant.id,
                declaration_id=grant.declaration_id,
                grantee=grant.grantee,
                purpose=grant.purpose.value,
                fields=sorted(grant.fields),
                valid_from=grant.valid_from,
                valid_until=grant.valid_until,
                revoked_at=grant.revoked_at,
            )
        )


class SqlReceivedGrants:
    """Index of the grants that the current tenant received."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def of_declaration(self, declaration_id: str) -> list[ReceivedGrant]:
        statement = select(ReceivedGrantRow).where(
            ReceivedGrantRow.declaration_id == declaration_id
        )
        return [_received(row) for row in self._session.exec(statement)]

    def of_requests(self, data_request_ids: Collection[str]) -> list[ReceivedGrant]:
        statement = select(ReceivedGrantRow)
        if data_request_ids:
            statement = statement.where(col(ReceivedGrantRow.data_request_id).in_(data_request_ids))
        statement = statement.order_by(
            col(ReceivedGrantRow.data_request_id), col(ReceivedGrantRow.grant_id)
        )
        return [_received(row) for row in self._session.exec(statement)]

    def save(self, grant: ReceivedGrant) -> None:
        self._session.merge(
            ReceivedGrantRow(
                tenant_id=self._session.tenant_id,
                grant_id=grant.grant_id,
                owner_tenant_id=grant.owner_tenant_id,
                declaration_id=grant.declaration_id,
                data_request_id=grant.data_request_id,
            )
        )


class SqlGrantUses:
    """Who read what under the current tenant's grants."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, use: GrantUse) -> None:
        self._session.add(
            GrantUseRow(
                id=use.id,
                grant_id=use.grant_id,
                declaration_id=use.declaration_id,
                version=use.version,
                subject=use.subject,
                grantee_tenant_id=use.tenant_id,
                purpose=use.purpose.value,
                fields=sorted(use.fields),
                at=use.at,
            )
        )


def _oldest_first() -> SelectOfScalar[ShareGrantRow]:
    return select(ShareGrantRow).order_by(col(ShareGrantRow.valid_from), col(ShareGrantRow.id))


def _grant(row: ShareGrantRow) -> ShareGrant:
    return ShareGrant(
        id=row.id,
        declaration_id=row.declaration_id,
        grantee=row.grantee,
        purpose=GrantPurpose(row.purpose),
        fields=frozenset(GrantField(field) for field in row.fields),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        revoked_at=row.revoked_at,
    )


def _received(row: ReceivedGrantRow) -> ReceivedGrant:
    return ReceivedGrant(
        grant_id=row.grant_id,
        owner_tenant_id=row.owner_tenant_id,
        declaration_id=row.declaration_id,
        data_request_id=row.data_request_id,
    )
