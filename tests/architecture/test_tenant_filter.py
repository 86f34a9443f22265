"""Every read past the tenant filter is known by name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAST_THE_FILTER = re.compile(
    r"\.system_transaction\(|database\.(?:read_)?engine\b|\bsqlite3\b|get_bind\(|create_engine"
)

#: The public projection: an issued record is read without a token.
KNOWN = {"services/certification/src/certification/adapters/repositories.py": 1}


def test_services_reach_their_databases_through_units_of_work_alone() -> None:
    found = {
        str(path.relative_to(ROOT)): len(hits)
        for path in ROOT.glob("services/*/src/*/**/*.py")
        if (hits := PAST_THE_FILTER.findall(path.read_text(encoding="utf-8")))
    }
    assert found == KNOWN
