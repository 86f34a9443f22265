"""Room for busy logs; on a server, a wall between tenants."""

from alembic import op

from chassis.migrations import grow_messaging_tables_v2, wall_off_tenants_v1

revision = "supplier_0002"
down_revision = "0001"


def upgrade() -> None:
    grow_messaging_tables_v2(op)
    wall_off_tenants_v1(
        op,
        "data_request",
        "received_request",
        "declaration",
        "declaration_version",
        "calculated_footprint",
        "record_batch",
        "activity_record",
        "share_grant",
        "received_grant",
        "grant_use",
    )
