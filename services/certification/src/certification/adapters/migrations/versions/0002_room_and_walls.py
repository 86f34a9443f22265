"""Room for busy logs; on a server, a wall between tenants.

Not behind the wall: `published_record` and `verification_key`, which are public.
"""

from alembic import op

from chassis.migrations import grow_messaging_tables_v2, wall_off_tenants_v1

revision = "certification_0002"
down_revision = "0001"


def upgrade() -> None:
    grow_messaging_tables_v2(op)
    wall_off_tenants_v1(
        op, "record", "transition", "statement", "record_flag", "record_access", "access_audit"
    )
