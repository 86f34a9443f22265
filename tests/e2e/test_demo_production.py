"""The main job with the services apart, on PostgreSQL and Apache Kafka of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import PRODUCT, Told, environment, run_demo
from tests.e2e.processes import left_over

ON_SERVERS = ["--database", "postgres", "--events", "kafka"]
INTERRUPTED = 130

pytestmark = [pytest.mark.needs("kafka"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a directory that everything which a run starts can be told by."""
    return tmp_path_factory.mktemp("production")


@pytest.fixture(scope="module")
def production(directory: Path) -> Told:
    told = run_demo(directory / "demo", *ON_SERVERS, TMPDIR=str(directory), within_s=240)
    assert told.exit_code == 0, told.progress
    return told


def figures(summary: Any) -> dict[str, float]:
    """Return every figure of a footprint [kg CO2e / declared unit, or %] by its place."""
    found = {
        name: summary[name]
        for name in (
            "pcf_kg_co2e",
            "pcf_kg_co2e_background_only",
            "primary_data_share_percent",
            "primary_activity_share_percent",
        )
    }
    for group in ("stages", "beyond_boundary", "engines"):
        found |= {f"{group}.{name}": value for name, value in summary[group].items()}
    for row in summary["declarations"]:
        found |= {
            f"declarations.{row['activity_id']}.{name}": row[name]
            for name in ("kg_co2e_per_unit", "primary_data_share_percent")
        }
    # Of two results that agree: rounding, no figure.
    del found["engines.relative_difference"]
    return found


def test_the_summary_tells_what_it_ran_on(production: Told) -> None:
    summary = production.summary
    assert (summary["database"], summary["event_log"]) == ("postgres", "kafka")


def test_the_summary_has_the_fields_of_the_embedded_shape(production: Told, demo: Told) -> None:
    assert production.summary.keys() == demo.summary.keys()


def test_both_shapes_give_the_same_footprint_to_9_digits(production: Told, demo: Told) -> None:
    assert {name: f"{value:.8e}" for name, value in figures(production.summary).items()} == {
        name: f"{value:.8e}" for name, value in figures(demo.summary).items()
    }


def test_the_body_verified_the_record_and_its_flags_came(production: Told) -> None:
    summary = production.summary
    assert (summary["verified"], summary["record_status"]) == (True, "issued")
    assert [flag["code"] for flag in summary["record_flags"]] == [
        "footprint_stale",
        "footprint_deprecated",
    ]


def test_the_same_events_are_in_both_logs(production: Told, demo: Told) -> None:
    def types(told: Told) -> Counter[tuple[str, str]]:
        return Counter((event["topic"], event["type"]) for event in told.summary["events"])

    assert types(production) == types(demo)


def test_the_waiting_is_told(production: Told) -> None:
    for what in ("starting PostgreSQL", "starting Apache Kafka", "stopping"):
        assert what in production.progress


def test_no_process_is_left_behind(production: Told, directory: Path) -> None:
    assert left_over(directory) == []


def test_a_product_that_buys_nothing_of_the_suppliers_starts_no_server(tmp_path: Path) -> None:
    folder = tmp_path / "product"
    folder.mkdir()
    for name in ("product.json", "sites.csv"):
        shutil.copy(PRODUCT / name, folder)
    lines = (PRODUCT / "bom.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "lfp_cathode" not in line]
    (folder / "bom.csv").write_text("".join(kept), encoding="utf-8")

    told = run_demo(tmp_path / "demo", *ON_SERVERS, "--product", str(folder))

    assert told.exit_code == 3
    assert "lfp_cathode" in told.progress
    assert not told.state.exists()


def test_records_that_are_refused_leave_no_process_behind(tmp_path: Path) -> None:
    folder = tmp_path / "product"
    shutil.copytree(PRODUCT, folder)
    (folder / "suppliers/cathode_maker.csv").write_text("record_id,amount\nx,1\n")

    told = run_demo(
        tmp_path / "demo", *ON_SERVERS, "--product", str(folder), TMPDIR=str(tmp_path), within_s=240
    )

    assert told.exit_code == 1
    assert "file.csv.missing_column" in told.progress
    assert not (told.state / "summary.json").exists()
    assert left_over(tmp_path) == []


@contextmanager
def running_demo(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the demonstration as a terminal does: a process group of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "greenchain_cli", "demo", *ON_SERVERS, "--state", "demo"],
        cwd=directory,
        env=environment(TMPDIR=str(directory)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def told_of(process: subprocess.Popen[str], what: str) -> bool:
    """Read on until the process tells of something."""
    assert process.stderr is not None
    return any(what in line for line in process.stderr)


def test_what_a_demonstration_that_was_killed_has_left_is_ended_by_the_next(tmp_path: Path) -> None:
    with running_demo(tmp_path) as process:
        assert told_of(process, "importing")
        process.kill()
    left = left_over(tmp_path)
    for what in ("postgres", "kafka.Kafka", "supplier serve", "certification serve"):
        assert any(what in each for each in left), what

    told = run_demo(tmp_path / "demo", TMPDIR=str(tmp_path))

    assert told.exit_code == 0, told.progress
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("moment", ["starting PostgreSQL", "starting Apache Kafka", "importing"])
def test_ctrl_c_leaves_no_process_behind(moment: str, tmp_path: Path) -> None:
    with running_demo(tmp_path) as process:
        assert told_of(process, moment)
        # In the middle of what was announced.
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        assert told_of(process, "stopping")
        assert process.wait(120) == INTERRUPTED
    assert left_over(tmp_path) == []
