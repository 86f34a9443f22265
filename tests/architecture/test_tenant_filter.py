"""Every read past the tenant filter is known by name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAST_THE_FILTER = re.compile(
    r"\.system_transaction\(|\.bare\(|database\.(?:read_)?engine\b|\bsqlite3\b|get_bind\(|create_engine"
)

KNOWN = {
    # What is public is read without a tenant: issued records, and the keys that sign them.
    "services/certification/src/certification/adapters/repositories.py",
    # Which job is next: those of all tenants wait in one queue, of ids and leases.
    "services/footprint/src/footprint/adapters/analysis_queue.py",
    # What time it is, which is in no table.
    "services/footprint/src/footprint/adapters/database_clock.py",
}


def test_services_reach_their_databases_through_units_of_work_alone() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("services/*/src/*/**/*.py")
        if PAST_THE_FILTER.search(path.read_text(encoding="utf-8"))
    }
    assert found == KNOWN
