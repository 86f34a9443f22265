"""A peer that runs in another process, and perhaps in another environment."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.systems import System

ROOT = Path(__file__).parents[1]
#: The environment of this process: bw2calc without pypardiso.
MAIN_ENVIRONMENT = Path(sys.executable)
#: The environment of benchmarks/pyproject.toml: bw2calc with pypardiso.
PEERS_ENVIRONMENT = ROOT / "benchmarks/.venv/bin/python"


def write_system(system: System, path: Path) -> None:
    """Write a system as plain arrays: rows, columns and values of each matrix."""
    arrays: dict[str, Any] = {"product": system.product}
    for name, matrix in (
        ("technosphere_matrix", system.technosphere.tocoo()),
        ("biosphere_matrix", system.biosphere.tocoo()),
    ):
        arrays[f"{name}_rows"], arrays[f"{name}_columns"] = matrix.coords
        arrays[f"{name}_values"] = matrix.data
    flows = len(system.factors)
    arrays["characterization_matrix_rows"] = np.arange(flows)
    arrays["characterization_matrix_columns"] = np.zeros(flows, dtype=np.int64)
    arrays["characterization_matrix_values"] = system.factors
    np.savez(path, allow_pickle=False, **arrays)


class Bw2calc:
    """bw2calc in one configuration of `benchmarks.peer`, on one system.

    Parameters
    ----------
    python
        Interpreter of the environment that it runs in.
    configuration
        A key of `benchmarks.peer.CONFIGURATIONS`.
    """

    name = "bw2calc"

    def __init__(self, python: Path, configuration: str, system: System) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="greenchain-benchmark-")
        path = Path(self._folder.name) / "system.npz"
        write_system(system, path)
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.peer", configuration, path],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            greeting = json.loads(self._line())
        except BaseException:
            self.close()
            raise
        self.version: str = greeting["version"]
        self.configuration: str = greeting["configuration"]
        self._result: Any = greeting["result"]

    def result(self) -> Any:
        return self._result

    def seconds(self, calls: int) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{calls}\n")
        self._process.stdin.flush()
        return float(self._line())

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._folder.cleanup()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended; its own message stands above")
        return line
