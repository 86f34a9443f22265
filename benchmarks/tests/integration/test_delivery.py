"""The delivery benchmark on a few events."""

import pytest
from benchmarks.delivery import DeliveryRow, Spread, delivery_table, measure_delivery
from tests.databases import SqliteDatabases
from tests.delivery.world import Shape


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> DeliveryRow:
    shape = Shape(
        SqliteDatabases(tmp_path_factory.mktemp("delivery")), "local:{directory}/events.db"
    )
    (row,) = measure_delivery({"embedded": shape}, backlog=40, steady=40, repetitions=1)
    return row


def test_every_event_comes_through_after_it_was_committed(measured: DeliveryRow) -> None:
    assert measured.backlog_per_s.median > 0.0
    assert 0.0 < measured.lag_p50_s.median <= measured.lag_p99_s.median


def test_the_steady_load_is_written(measured: DeliveryRow) -> None:
    assert measured.steady_per_s.median > 0.0


def test_the_table_gives_medians_with_their_range() -> None:
    rate, lag = Spread.of([100.0, 300.0, 200.0]), Spread.of([0.010, 0.012, 0.011])
    row = DeliveryRow("embedded", 3, 40, rate, 40, rate, lag, lag)
    *_, line = delivery_table([row])
    assert line == (
        "| embedded | 200 (100 to 300) | 200 (100 to 300) | 11 (10 to 12) | 11 (10 to 12) |"
    )
