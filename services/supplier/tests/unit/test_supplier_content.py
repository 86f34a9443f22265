from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from services.supplier.tests.examples import CO2, OUTPUT, POWER, RECORDS, batches, monthly
from services.supplier.tests.fakes import SUPPLIER, Memory
from services.supplier.tests.scenario import Scenario

from chassis.clock import FixedClock
from supplier.application.add_records import add_batch
from supplier.application.ports import Context
from supplier.domain.activity import StatedRecord

YEAR = monthly(*RECORDS)


def submitted_hash(batched: Sequence[Sequence[StatedRecord]]) -> str:
    counter = iter(range(1000))
    context = Context(
        open=Memory().open,
        clock=FixedClock(datetime(2026, 1, 5, tzinfo=UTC)),
        new_id=lambda: f"id-{next(counter)}",
    )
    scenario = Scenario(context)
    scenario.request()
    scenario.draft(())
    for sequence, batch in enumerate(batched, start=1):
        add_batch(context, SUPPLIER, scenario.declaration_id, 1, sequence, batch)
    return scenario.submit().sha256


@given(st.permutations(YEAR), st.integers(1, 40))
def test_the_hash_does_not_depend_on_batches_or_order(order: list[StatedRecord], size: int) -> None:
    assert submitted_hash(batches(order, size)) == submitted_hash([YEAR])


def test_the_hash_depends_on_every_record() -> None:
    assert submitted_hash([[OUTPUT, POWER]]) != submitted_hash([[OUTPUT, POWER, CO2]])
