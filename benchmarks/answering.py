"""How a peer in a process of its own answers: it does the work, and times itself.

It writes a line of JSON with its version, configuration and result; then for every line with a
number of calls on its standard input the mean duration of one iteration [s].
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np


@dataclass(frozen=True, slots=True)
class Prepared:
    """Work with everything loaded that the peer can keep between two calculations.

    Attributes
    ----------
    work
        Is timed.
    result
        Gives what ours is compared with; None: what `work` gives.
    iterations
        How many samples or scenarios one call of `work` computes; durations are of one.
    """

    configuration: str
    work: Callable[[], Any]
    result: Callable[[], Any] | None = None
    iterations: int = 1


#: Makes work ready, from the arrays of a system.
Prepare = Callable[[Mapping[str, Any]], Prepared]


def answer(
    version: str, configurations: Mapping[str, Prepare], answers: TextIO = sys.stdout
) -> None:
    """Answer until the standard input ends; arguments: configuration, arrays (.npz)."""
    name, path = sys.argv[1], Path(sys.argv[2])
    with np.load(path) as arrays:
        prepared = configurations[name](dict(arrays))
    result = (prepared.result or prepared.work)()
    greeting = {
        "version": version,
        "configuration": prepared.configuration,
        "result": result if isinstance(result, dict) else np.asarray(result).tolist(),
    }
    print(json.dumps(greeting), file=answers, flush=True)
    for line in sys.stdin:
        calls = int(line)
        started = time.perf_counter()
        for _ in range(calls):
            prepared.work()
        seconds = (time.perf_counter() - started) / (calls * prepared.iterations)
        print(seconds, file=answers, flush=True)
