"""Backgrounds of the session's tenant: their rows."""

from sqlmodel import col, select

from chassis.tenancy import TenantSession
from footprint.adapters.rows import BackgroundRow
from footprint.application.background_ports import StoredBackground


class SqlBackgrounds:
    """Backgrounds of the session's tenant."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, stored: StoredBackground) -> None:
        self._session.add(
            BackgroundRow(
                background_id=stored.id,
                version=stored.version,
                sha256=stored.sha256,
                title=stored.title,
                licence=stored.licence,
                year=stored.year,
                counts=dict(stored.counts),
                created_at=stored.created_at,
                created_by=stored.created_by,
            )
        )
        self._session.flush()

    def find(self, background_id: str, version: str) -> StoredBackground | None:
        statement = select(BackgroundRow).where(
            BackgroundRow.background_id == background_id, BackgroundRow.version == version
        )
        row = self._session.exec(statement).one_or_none()
        return None if row is None else _stored(row)

    def all(self) -> tuple[StoredBackground, ...]:
        statement = select(BackgroundRow).order_by(
            col(BackgroundRow.background_id), col(BackgroundRow.number)
        )
        return tuple(_stored(row) for row in self._session.exec(statement))


def _stored(row: BackgroundRow) -> StoredBackground:
    return StoredBackground(
        id=row.background_id,
        version=row.version,
        sha256=row.sha256,
        title=row.title,
        licence=row.licence,
        year=row.year,
        counts=row.counts,
        created_at=row.created_at,
        created_by=row.created_by,
    )
