"""One point of how cost grows, in a process of its own, whose memory nothing else has touched.

Usage: python -m benchmarks.growth_process SIZE SAMPLES THREADS
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.uncertain_systems import database
from footprint.engine.monte_carlo import monte_carlo
from footprint.engine.technosphere import Technosphere


def peak_bytes() -> int:
    """Return the largest resident memory that this program had [byte]."""
    status = Path("/proc/self/status")
    if status.exists():
        # What `getrusage` tells may be the parent's: it outlives the start of another program.
        lines = status.read_text(encoding="ascii").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Measure and write a line of JSON."""
    size, samples, threads = (int(argument) for argument in sys.argv[1:])
    model = database(size)
    system, products = model.system, np.array([model.product])
    drawn = peak_bytes()
    begin = time.perf_counter()
    Technosphere(system.technosphere_matrix()).adjoint_scores(system.intensities()[:, 0])
    solved = time.perf_counter()
    monte_carlo(system, products, samples=samples, seed=1, threads=threads)
    ended = time.perf_counter()
    point = {
        "size": size,
        "samples": samples,
        "threads": threads,
        "solve_s": solved - begin,
        "sample_s": (ended - solved) / samples,
        "system_bytes": drawn,
        "peak_bytes": peak_bytes(),
    }
    print(json.dumps(point))


if __name__ == "__main__":
    main()
