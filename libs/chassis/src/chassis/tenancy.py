"""Rows belong to tenants, and a session sees the rows of one tenant only.

The filter sits below the repositories, so that a query that forgets it is still filtered, and it
fails closed: a session without a tenant, a table that states no owner, or SQL that the filter could
not reach is refused.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import Connection, Select, TableClause, column, event, inspect
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql import ColumnElement, visitors
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.elements import ClauseElement, ColumnClause, TextClause
from sqlmodel import Field, Session, SQLModel

from chassis.backend import Backend, insert_new
from chassis.errors import GreenchainError, Kind


class NoTenant(GreenchainError):
    """A session was used before it was told whose rows it may see."""

    code: ClassVar[str] = "tenancy.no_tenant"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "The database session has no tenant. Open it for the caller's tenant."
    zh: ClassVar[str] = "数据库会话没有租户。请以调用者的租户打开会话。"


class ForeignTenant(GreenchainError):
    """A row of another tenant was about to be written."""

    code: ClassVar[str] = "tenancy.foreign_tenant"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "A row of another tenant was about to be written; nothing was stored."
    zh: ClassVar[str] = "试图写入其他租户的数据行；未保存任何内容。"


class UnfilteredStatement(GreenchainError):
    """A statement that the tenant filter cannot reach.

    Text, Core tables and tables that state no owner are such; so are bulk operations that bypass
    the unit of work.
    """

    code: ClassVar[str] = "tenancy.unfiltered_statement"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = (
        "The tenant filter does not reach this statement. Use mapped classes that derive from "
        "TenantRow (or SharedRow), without text() and bulk inserts."
    )
    zh: ClassVar[str] = (
        "租户过滤器无法作用于该语句。请使用继承自 TenantRow（或 SharedRow）的映射类，"
        "不要使用 text() 和批量插入。"
    )


class ReadOnlySession(GreenchainError):
    """Something was to be written in a unit of work that was opened for reading."""

    code: ClassVar[str] = "tenancy.read_only"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "This unit of work was opened for reading only; nothing was stored."
    zh: ClassVar[str] = "该工作单元以只读方式打开；未保存任何内容。"


class TenantRow(SQLModel):
    """Mixin of every table whose rows belong to one tenant.

    `tenant_id` is stamped by the session; giving another one than the session's is an error.
    """

    tenant_id: str = Field(default="", index=True)


class SharedRow:
    """Marker of a table that belongs to no tenant: the chassis' own, or public reference data."""


class TenantSession(Session):
    """A session that reads and writes the rows of one tenant only.

    It covers ORM SELECT (joins, eager and lazy loads, refresh, `get`), ORM UPDATE and DELETE, and
    all objects that are flushed. `Database.tenant_session` opens it.
    """

    def __init__(self, bind: Any, tenant_id: str, *, read_only: bool, backend: Backend) -> None:
        super().__init__(bind, expire_on_commit=False)
        self._tenant_id = tenant_id
        self._read_only = read_only
        self._backend = backend
        self._entered = ""

    @property
    def tenant_id(self) -> str:
        """Whose rows are seen now; raises `NoTenant` if nobody's."""
        if not self._tenant_id:
            raise NoTenant
        return self._tenant_id

    @property
    def read_only(self) -> bool:
        """Whether flushing anything is refused."""
        return self._read_only

    @contextmanager
    def as_tenant(self, tenant_id: str) -> Iterator[None]:
        """See another tenant's rows for the length of the block, in the same transaction.

        For use cases that have checked a grant of that tenant and audit the access. Objects that
        were loaded before are set aside meanwhile (touching what they have not loaded raises) and
        come back afterwards; objects loaded inside are detached at the end.
        """
        if not tenant_id:
            raise NoTenant
        self.flush()
        outer, aside = self._tenant_id, list(self)
        # Without this, `get` would answer from the identity map, past the filter.
        self.expunge_all()
        self._tenant_id = tenant_id
        try:
            yield
            self.flush()
        finally:
            self.expunge_all()
            self._tenant_id = outer
            self.add_all(aside)

    def bare(self, tenant_id: str | None = None) -> Connection:
        """Return the connection, past the filter: for the chassis' own tables alone.

        Parameters
        ----------
        tenant_id
            Whose lock has to be held, if not that of the present tenant.
        """
        connection = self._enter()
        if tenant_id is not None and tenant_id != self._entered:
            self._backend.enter_tenant(connection, tenant_id, writes=not self._read_only)
            self._entered = tenant_id
        return connection

    def _enter(self) -> Connection:
        """Begin, where nothing has, and tell the database the present tenant.

        Before each statement, not when the tenant changes: after an error in between the
        transaction may take no more statements.
        """
        connection = super().connection()
        if self._entered != self.tenant_id:
            self._backend.enter_tenant(connection, self.tenant_id, writes=not self._read_only)
            self._entered = self.tenant_id
        return connection

    def insert_new(self, row: SQLModel) -> bool:
        """Insert a row of a table without tenants, unless its key is there; tell whether it is new.

        The key is looked for and written in one statement: nobody comes in between.
        """
        if self._read_only:
            raise ReadOnlySession
        if not isinstance(row, SharedRow):
            raise UnfilteredStatement
        return insert_new(self._backend, self._enter(), row)

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Refuse: a bare connection is not filtered."""
        raise UnfilteredStatement

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: it bypasses the check of written rows."""
        raise UnfilteredStatement

    def bulk_insert_mappings(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: it bypasses the check of written rows."""
        raise UnfilteredStatement

    def bulk_update_mappings(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: it bypasses the check of written rows."""
        raise UnfilteredStatement


def _leave_tenant(session: Any, _transaction: Any, _connection: Any) -> None:
    # What was told ended with the transaction before.
    session._entered = ""


def _filter_statement(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, TenantSession)
    tenant_id = session.tenant_id
    _refuse_what_cannot_be_filtered(state, session)
    session._enter()

    def belongs_to_tenant(row: Any) -> ColumnElement[bool]:
        # SQLAlchemy first calls this with the mixin itself, which has no column yet.
        owner: ColumnElement[str] = getattr(row, "tenant_id", column("tenant_id"))
        return owner == tenant_id

    state.statement = state.statement.options(
        with_loader_criteria(
            TenantRow,
            belongs_to_tenant,
            include_aliases=True,
        )
    )


def _refuse_what_cannot_be_filtered(state: ORMExecuteState, session: TenantSession) -> None:
    statement = state.statement
    if not state.is_orm_statement or isinstance(statement, Insert):
        raise UnfilteredStatement
    if session.read_only and isinstance(statement, Update | Delete):
        raise ReadOnlySession
    if isinstance(statement, Update):
        # A list of parameters is "bulk update by primary key", which takes no criteria.
        if isinstance(state.parameters, list | tuple):
            raise UnfilteredStatement
        if any(_column_name(column) == "tenant_id" for column in _assigned(statement, state)):
            raise ForeignTenant
    if not (state.is_relationship_load or state.is_column_load):
        # Those two are written by SQLAlchemy, from mapped entities alone.
        _refuse_what_names_no_entity(statement)


def _refuse_what_names_no_entity(statement: Any) -> None:
    """Refuse text and Core tables anywhere in the statement, and entities without owner.

    The criteria are added per mapped entity; a `Table` that enters by another way stays unfiltered.
    A bare column is harmless when its table is there as an entity too: SQLAlchemy writes its own
    loads so.
    """
    filtered: set[Any] = set()
    bare: list[Any] = []
    for element in visitors.iterate(statement):
        entity = _entity_of(element)
        if _is_raw_sql(element):
            raise UnfilteredStatement
        if entity is not None:
            if not issubclass(entity.mapper.class_, TenantRow | SharedRow):
                raise UnfilteredStatement
            filtered.update((*entity.mapper.tables, entity.selectable))
        elif isinstance(element, ColumnClause) and _is_table(element.table):
            bare.append(element.table)
        elif isinstance(element, Select):
            _refuse_core_tables(element)
    if any(table not in filtered for table in bare):
        raise UnfilteredStatement


def _refuse_core_tables(statement: Any) -> None:
    """Refuse what one SELECT takes rows from besides entities and subqueries."""
    if statement._propagate_attrs.get("compile_state_plugin") != "orm":
        raise UnfilteredStatement
    targets = (*statement._raw_columns, *statement._from_obj, *statement._setup_joins)
    for target in targets:
        origin = target[0] if isinstance(target, tuple) else target
        if _entity_of(origin) is not None or not isinstance(origin, ClauseElement):
            # An entity, or a join along a relationship between entities.
            continue
        for element in visitors.iterate(origin):
            table = element.table if isinstance(element, ColumnClause) else element
            if _is_table(table) and _entity_of(element) is None:
                raise UnfilteredStatement


def _is_raw_sql(element: Any) -> bool:
    """Tell whether a part of a statement is text, which could name any table."""
    if isinstance(element, ColumnClause) and element.is_literal:
        # SQLAlchemy itself writes `count(*)` so.
        return str(element.name) != "*"
    added = ("_prefixes", "_suffixes", "_statement_hints", "_hints")
    return isinstance(element, TextClause) or any(getattr(element, name, ()) for name in added)


def _entity_of(element: Any) -> Any:
    """Return the mapper (or alias of one) from which an element comes, if from any."""
    annotations = getattr(element, "_annotations", {})
    return annotations.get("parententity") or annotations.get("parentmapper")


def _is_table(source: Any) -> bool:
    return isinstance(getattr(source, "element", source), TableClause)


def _assigned(statement: Update, state: ORMExecuteState) -> Iterable[Any]:
    yield from statement._values or ()
    yield from state.parameters or ()


def _column_name(column: Any) -> str:
    return column if isinstance(column, str) else str(column.key)


def _check_attached(session: Any, row: Any) -> None:
    # A foreign object that is attached could be refreshed, which adds no criteria.
    assert isinstance(session, TenantSession)
    if isinstance(row, TenantRow):
        owner = inspect(row).dict.get("tenant_id")
        if owner and owner != session.tenant_id:
            raise ForeignTenant


def _check_rows(session: Any, _context: Any, _instances: Any) -> None:
    assert isinstance(session, TenantSession)
    tenant_id = session.tenant_id
    if session.read_only and (session.new or session.deleted or session.dirty):
        raise ReadOnlySession
    for row in session.new:
        if isinstance(row, TenantRow) and not row.tenant_id:
            row.tenant_id = tenant_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantRow):
            moved = inspect(row).persistent and inspect(row).attrs.tenant_id.history.has_changes()
            if moved or row.tenant_id != tenant_id:
                raise ForeignTenant
        elif not isinstance(row, SharedRow):
            raise UnfilteredStatement
    session._enter()


event.listen(TenantSession, "after_begin", _leave_tenant)
event.listen(TenantSession, "do_orm_execute", _filter_statement)
event.listen(TenantSession, "before_flush", _check_rows)
event.listen(TenantSession, "before_attach", _check_attached)
