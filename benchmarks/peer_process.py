"""A peer that runs in another process, and perhaps in another environment."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.comparison import LONG_TIMING, Peer
from benchmarks.systems import System
from footprint.engine.arrays import Floats
from footprint.engine.system import Exchanges

ROOT = Path(__file__).parents[1]
#: The environment of this process: bw2calc without pypardiso.
MAIN_ENVIRONMENT = Path(sys.executable)
#: The environment of benchmarks/pyproject.toml: bw2calc with pypardiso, bw_graph_tools.
PEERS_ENVIRONMENT = ROOT / "benchmarks/.venv/bin/python"
#: The environment of benchmarks/lca_algebraic/pyproject.toml, which needs an older bw2calc.
LCA_ALGEBRAIC_ENVIRONMENT = ROOT / "benchmarks/lca_algebraic/.venv/bin/python"

Arrays = Mapping[str, Any]

#: Ways of bw2calc to solve equations, as variables of the environment.
PARDISO: Mapping[str, str] = {}
PARDISO_ON_ONE_THREAD = {"MKL_NUM_THREADS": "1"}
WITHOUT_PARDISO = {"GREENCHAIN_WITHOUT_PARDISO": "1"}


def arrays_of(system: System) -> Arrays:
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
    return arrays


def arrays_of_exchanges(name: str, exchanges: Exchanges, given: Floats | None = None) -> Arrays:
    """Write exchanges as plain arrays, with distributions and perhaps drawn amounts."""
    varied = exchanges.distribution
    arrays = {
        f"{name}_rows": exchanges.row,
        f"{name}_columns": exchanges.column,
        f"{name}_values": exchanges.amount,
        f"{name}_kind": varied.kind,
        f"{name}_first": varied.first,
        f"{name}_second": varied.second,
    }
    return arrays if given is None else arrays | {f"{name}_given": given}


class PeerProcess:
    """A peer in one configuration, on one system.

    Parameters
    ----------
    name
        Of the peer.
    python
        Interpreter of the environment that it runs in.
    module
        Module that is run there; it answers as `benchmarks.answering` says.
    configuration
        One of those that the module knows.
    arrays
        The system.
    variables
        Variables of its environment.
    """

    def __init__(
        self,
        name: str,
        python: Path,
        module: str,
        configuration: str,
        arrays: Arrays,
        variables: Mapping[str, str] = PARDISO,
    ) -> None:
        self.name = name
        self._folder = tempfile.TemporaryDirectory(prefix="greenchain-benchmark-")
        path = Path(self._folder.name) / "arrays.npz"
        np.savez(path, allow_pickle=False, **arrays)
        self._process = subprocess.Popen(
            [python, "-m", module, configuration, path],
            cwd=ROOT,
            env={**os.environ, **variables},
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


def bw2calc(
    python: Path, configuration: str, arrays: Arrays, variables: Mapping[str, str] = PARDISO
) -> PeerProcess:
    """Start bw2calc in one configuration of `benchmarks.peer`."""
    return PeerProcess("bw2calc", python, "benchmarks.peer", configuration, arrays, variables)


def fastest(peers: Sequence[Callable[[], Peer]]) -> Peer:
    """Start each peer, one after the other, and keep the one that does the work fastest."""
    best: Peer | None = None
    shortest = float("inf")
    for start in peers:
        peer = start()
        took = peer.seconds(1)
        if took < LONG_TIMING:
            took = min(took, peer.seconds(1), peer.seconds(1))
        if took < shortest:
            if best is not None:
                best.close()
            best, shortest = peer, took
        else:
            peer.close()
    assert best is not None
    return best
