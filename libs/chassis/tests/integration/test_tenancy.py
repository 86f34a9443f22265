"""Two tenants in one database; each test is one way to reach across, planted on purpose."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sample_tables import Meter, Plant, Region, Stray
from sqlalchemy import (
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    table,
    text,
    update,
)
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload
from sqlmodel import Session, col, select

from chassis.database import Database
from chassis.tenancy import (
    ForeignTenant,
    NoTenant,
    ReadOnlySession,
    TenantSession,
    UnfilteredStatement,
)

OURS, THEIRS = "copper-foil-maker", "cathode-maker"


@pytest.fixture
def session(database: Database, everything: Database) -> Iterator[TenantSession]:
    """Our session. Each tenant has a plant; a meter of theirs hangs on our plant by mistake."""
    with Session(everything.engine) as bare, bare.begin():
        bare.add(Plant(id="p-ours", name="foil", tenant_id=OURS))
        bare.add(Plant(id="p-theirs", name="cathode", tenant_id=THEIRS))
        bare.flush()
        bare.add(Meter(id="m-ours", plant_id="p-ours", kwh=1.0, tenant_id=OURS))
        bare.add(Meter(id="m-theirs", plant_id="p-ours", kwh=2.0, tenant_id=THEIRS))
        bare.add(Meter(id="m-astray", plant_id="p-theirs", kwh=4.0, tenant_id=OURS))
        bare.add(Region(id="CN-SC"))
    with database.tenant_session(OURS) as opened:
        yield opened


def all_plants(everything: Database) -> dict[str, tuple[str, str]]:
    with Session(everything.read_engine) as bare:
        return {plant.id: (plant.tenant_id, plant.name) for plant in bare.exec(select(Plant))}


def test_select_sees_own_rows_only(session: TenantSession) -> None:
    assert [plant.id for plant in session.exec(select(Plant))] == ["p-ours"]


def test_select_of_columns_and_aggregates_is_filtered(session: TenantSession) -> None:
    assert session.exec(select(Plant.id)).all() == ["p-ours"]
    assert session.exec(select(func.count(col(Plant.id)))).one() == 1
    assert session.exec(select(func.count()).select_from(Plant)).one() == 1
    assert session.exec(select(func.sum(col(Meter.kwh)))).one() == 5.0


def test_aliases_subqueries_and_unions_are_filtered(session: TenantSession) -> None:
    other = aliased(Plant)
    inner = select(Plant.id).subquery()
    assert session.exec(select(other.id)).all() == ["p-ours"]
    assert session.exec(select(inner.c.id)).all() == ["p-ours"]
    union = select(Plant.id).union_all(select(other.id))
    assert session.scalars(union).all() == ["p-ours", "p-ours"]
    exists = select(Meter.id).where(select(Plant.id).where(Plant.id == "p-theirs").exists())
    assert session.exec(exists).all() == []


def test_both_sides_of_a_join_are_filtered(session: TenantSession) -> None:
    pairs = session.exec(select(Plant.id, Meter.id).join(Meter)).all()
    assert pairs == [("p-ours", "m-ours")]
    outer = session.exec(select(Meter.id, Plant.id).outerjoin(Plant).order_by(col(Meter.id))).all()
    assert outer == [("m-astray", None), ("m-ours", "p-ours")]


@pytest.mark.parametrize("load", [joinedload, selectinload, subqueryload, None])
def test_every_way_to_load_a_relationship_is_filtered(
    session: TenantSession, load: Callable[..., Any] | None
) -> None:
    statement = select(Plant)
    if load is not None:
        statement = statement.options(load(Plant.meters))
    plant = session.exec(statement).unique().one()
    assert [meter.id for meter in plant.meters] == ["m-ours"]


def test_a_reference_to_a_foreign_parent_loads_nothing(session: TenantSession) -> None:
    meter = session.exec(select(Meter).where(Meter.id == "m-astray")).one()
    assert meter.plant is None


def test_get_by_primary_key_of_another_tenant_finds_nothing(session: TenantSession) -> None:
    assert session.get(Plant, "p-theirs") is None
    assert session.get(Plant, "p-ours") is not None


def foreign_plant(everything: Database) -> Plant:
    with Session(everything.read_engine) as bare:
        return bare.get_one(Plant, "p-theirs")


def test_a_foreign_object_cannot_be_attached(session: TenantSession, everything: Database) -> None:
    with pytest.raises(ForeignTenant):
        session.add(foreign_plant(everything))


def test_a_foreign_object_cannot_be_deleted(session: TenantSession, everything: Database) -> None:
    with pytest.raises(ForeignTenant):
        session.delete(foreign_plant(everything))


def test_a_foreign_object_cannot_be_adopted(session: TenantSession, everything: Database) -> None:
    row = foreign_plant(everything)
    row.tenant_id = OURS
    session.add(row)
    with pytest.raises(ForeignTenant):
        session.flush()


def test_inserts_are_stamped(session: TenantSession, everything: Database) -> None:
    session.add(Plant(id="p-new", name="new"))
    session.commit()
    assert all_plants(everything)["p-new"] == (OURS, "new")


def test_an_insert_for_another_tenant_is_refused(
    session: TenantSession, everything: Database
) -> None:
    with pytest.raises(ForeignTenant):
        session.add(Plant(id="p-new", name="new", tenant_id=THEIRS))
    session.commit()
    assert "p-new" not in all_plants(everything)


def test_an_insert_that_changes_owner_after_add_is_refused(session: TenantSession) -> None:
    plant = Plant(id="p-new", name="new")
    session.add(plant)
    plant.tenant_id = THEIRS
    with pytest.raises(ForeignTenant):
        session.flush()


def test_an_own_row_cannot_be_given_away(session: TenantSession) -> None:
    session.get_one(Plant, "p-ours").tenant_id = THEIRS
    with pytest.raises(ForeignTenant):
        session.flush()


def test_bulk_update_and_delete_touch_own_rows_only(
    session: TenantSession, everything: Database
) -> None:
    session.exec(update(Plant).values(name="renamed"))
    session.exec(delete(Meter))
    session.commit()
    assert all_plants(everything) == {"p-ours": (OURS, "renamed"), "p-theirs": (THEIRS, "cathode")}
    with Session(everything.read_engine) as bare:
        assert bare.exec(select(Meter.id)).all() == ["m-theirs"]


@pytest.mark.parametrize(
    "statement",
    [
        update(Plant).values(tenant_id=THEIRS),
        update(Plant).values({Plant.tenant_id: THEIRS}),
        update(Plant).ordered_values((Plant.__table__.c.tenant_id, THEIRS)),  # type: ignore[attr-defined]
    ],
)
def test_bulk_update_cannot_give_rows_away(session: TenantSession, statement: Any) -> None:
    with pytest.raises(ForeignTenant):
        session.exec(statement)


PLANTS: Any = Plant.__table__  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statement",
    [
        text("SELECT * FROM plant"),
        PLANTS.select(),
        PLANTS.delete(),
        PLANTS.update().values(name="x"),
        select(PLANTS.c.id),
        select(Meter).where(col(Meter.plant_id).in_(select(PLANTS.c.id))),
        select(Meter, PLANTS.c.name),
        select(Meter).join(PLANTS, PLANTS.c.id == Meter.plant_id),
        select(Meter).where(text("1=1")),
        select(text("(SELECT name FROM plant WHERE id = 'p-theirs')"), Meter.id),
        select(Plant).from_statement(text("SELECT * FROM plant")),
        select(Meter.id, literal_column("(SELECT name FROM plant WHERE id = 'p-theirs')")),
        select(Meter.id, table("plant", column("name")).c.name),
        select(Meter).join(table("plant", column("id")), literal(True)),
        select(Meter.id).suffix_with("UNION SELECT name FROM plant"),
        select(Meter.id).prefix_with("(SELECT name FROM plant),"),
        select(Meter.id).with_statement_hint("UNION SELECT name FROM plant"),
        insert(Plant).values(id="x", name="x", tenant_id=THEIRS),
        insert(Plant).from_select(["id", "name"], select(Plant.id, Plant.name)),
        select(Stray),
        select(Meter).join(Stray, col(Stray.id) == Meter.id),
    ],
    ids=lambda statement: " ".join(str(statement).split())[:60],
)
def test_statements_beyond_the_filter_are_refused(session: TenantSession, statement: Any) -> None:
    with pytest.raises(UnfilteredStatement):
        session.execute(statement)


@pytest.mark.parametrize(
    "statement", [insert(Plant), update(Plant)], ids=["bulk insert", "bulk update by primary key"]
)
def test_bulk_operations_by_parameter_lists_are_refused(
    session: TenantSession, statement: Any
) -> None:
    with pytest.raises(UnfilteredStatement):
        session.execute(statement, [{"id": "p-theirs", "name": "x"}])


def test_ways_around_the_unit_of_work_are_refused(session: TenantSession) -> None:
    for bypass in (
        session.connection,
        lambda: session.bulk_save_objects([Plant(id="x", name="x", tenant_id=THEIRS)]),
        lambda: session.bulk_insert_mappings(Plant, [{"id": "x"}]),
        lambda: session.bulk_update_mappings(Plant, [{"id": "x"}]),
    ):
        with pytest.raises(UnfilteredStatement):
            bypass()


def test_a_table_that_states_no_owner_cannot_be_written(session: TenantSession) -> None:
    session.add(Stray(id="s"))
    with pytest.raises(UnfilteredStatement):
        session.flush()


def test_public_reference_data_is_seen_by_all(session: TenantSession) -> None:
    assert session.exec(select(Region.id)).all() == ["CN-SC"]


def test_a_session_without_tenant_refuses_everything(database: Database) -> None:
    with database.tenant_session("") as session:
        with pytest.raises(NoTenant):
            session.exec(select(Plant))
        with pytest.raises(NoTenant):
            session.add(Plant(id="x", name="x", tenant_id=THEIRS))
        session.add(Plant(id="x", name="x"))
        with pytest.raises(NoTenant):
            session.flush()


def test_as_tenant_switches_what_get_answers_from_memory(session: TenantSession) -> None:
    assert session.get(Plant, "p-ours") is not None
    with session.as_tenant(THEIRS):
        assert session.get(Plant, "p-ours") is None
        assert session.get(Plant, "p-theirs") is not None
    assert session.get(Plant, "p-theirs") is None


def test_changes_made_before_during_and_after_as_tenant_are_all_stored(
    session: TenantSession, everything: Database
) -> None:
    ours = session.get_one(Plant, "p-ours")
    ours.name = "before"
    with session.as_tenant(THEIRS):
        session.get_one(Plant, "p-theirs").name = "granted"
        session.add(Plant(id="p-audit", name="audit"))
    assert ours.name == "before"
    ours.name += " and after"
    session.commit()
    assert all_plants(everything) == {
        "p-ours": (OURS, "before and after"),
        "p-theirs": (THEIRS, "granted"),
        "p-audit": (THEIRS, "audit"),
    }


def test_relationships_follow_the_tenant_of_the_moment(session: TenantSession) -> None:
    plant = session.get_one(Plant, "p-ours")
    assert [meter.id for meter in plant.meters] == ["m-ours"]
    with session.as_tenant(THEIRS):
        meter = session.get_one(Meter, "m-theirs")
        assert meter.plant is None
    session.expire(plant)
    assert [meter.id for meter in plant.meters] == ["m-ours"]


def test_an_own_object_cannot_be_carried_into_another_tenant(session: TenantSession) -> None:
    ours = session.get_one(Plant, "p-ours")
    with session.as_tenant(THEIRS), pytest.raises(ForeignTenant):
        session.add(ours)


def test_the_tenant_comes_back_after_an_error(session: TenantSession) -> None:
    with pytest.raises(ZeroDivisionError), session.as_tenant(THEIRS):
        _ = 1 / 0
    assert session.tenant_id == OURS
    assert session.get(Plant, "p-theirs") is None


def test_as_tenant_needs_a_tenant(session: TenantSession) -> None:
    with pytest.raises(NoTenant), session.as_tenant(""):
        pass


def test_a_read_only_session_writes_nothing(database: Database) -> None:
    with database.tenant_session(OURS, read_only=True) as session:
        with pytest.raises(ReadOnlySession):
            session.exec(update(Plant).values(name="x"))
        session.add(Plant(id="x", name="x"))
        with pytest.raises(ReadOnlySession):
            session.flush()


def test_relationships_of_a_new_object_are_filtered(session: TenantSession) -> None:
    meter = Meter(id="m-new", plant_id="p-theirs", kwh=1.0)
    session.add(meter)
    session.flush()
    assert meter.plant is None
