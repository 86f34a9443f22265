"""Tables of a small service, for the tests."""

from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from chassis.tenancy import SharedRow, TenantRow


class SampleRow(SQLModel, registry=registry()):
    pass


class Plant(SampleRow, TenantRow, table=True):
    id: str = Field(primary_key=True)
    name: str
    meters: list["Meter"] = Relationship(back_populates="plant")


class Meter(SampleRow, TenantRow, table=True):
    id: str = Field(primary_key=True)
    plant_id: str = Field(foreign_key="plant.id")
    kwh: float
    plant: Plant = Relationship(back_populates="meters")


class Stray(SampleRow, table=True):
    """A table that forgot to state its owner."""

    id: str = Field(primary_key=True)


class Region(SampleRow, SharedRow, table=True):
    """Public reference data."""

    id: str = Field(primary_key=True)
