"""Room for busy logs; on a server, a wall between tenants."""

from alembic import op

from chassis.migrations import grow_messaging_tables_v2, wall_off_tenants_v1

revision = "footprint_0002"
down_revision = "0001"


def upgrade() -> None:
    grow_messaging_tables_v2(op)
    wall_off_tenants_v1(
        op,
        "product_model",
        "footprint",
        "footprint_flag",
        "declaration_citation",
        "declaration_correction",
        "supplier_footprint",
    )
