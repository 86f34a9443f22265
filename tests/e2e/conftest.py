"""The demonstration, run once; what every test of it reads."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "services/footprint/src/footprint/data"
INVENTORY = DATA / "greenchain_lci"
PRODUCT = DATA / "examples/lfp_battery_pack"


@dataclass(frozen=True)
class Told:
    """What one run of the demonstration left behind."""

    exit_code: int
    story: str
    progress: str
    state: Path

    @property
    def summary(self) -> Any:
        return json.loads((self.state / "summary.json").read_text(encoding="utf-8"))


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a user without settings of their own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **more}


def greenchain(
    *arguments: str, env: Mapping[str, str] | None = None, within_s: float = 100.0
) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "greenchain_cli", *arguments],
        env=dict(env if env is not None else environment()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=within_s)
        except BaseException:
            # Not killed: it may have servers to stop.
            process.terminate()
            process.communicate()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def run_demo(state: Path, *arguments: str, within_s: float = 100.0, **variables: str) -> Told:
    done = greenchain(
        "demo", "--state", str(state), *arguments, env=environment(**variables), within_s=within_s
    )
    return Told(done.returncode, done.stdout, done.stderr, state)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One run in English."""
    told = run_demo(tmp_path_factory.mktemp("english") / "demo")
    assert told.exit_code == 0, told.progress
    return told


@pytest.fixture
def changed_product(tmp_path: Path) -> Callable[[str, float], Path]:
    """Make a copy of the shipped product in which one line's amount is multiplied."""

    def change(line_id: str, factor: float) -> Path:
        folder = tmp_path / "product"
        folder.mkdir()
        for name in ("product.json", "sites.csv"):
            (folder / name).write_bytes((PRODUCT / name).read_bytes())
        with (PRODUCT / "bom.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            header = list(reader.fieldnames or [])
            rows = list(reader)
        for row in rows:
            if row["line_id"] == line_id:
                row["amount"] = repr(float(row["amount"]) * factor)
        with (folder / "bom.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rows)
        return folder

    return change
