"""bw2calc in a process of its own, so that it may run in another environment.

Usage: python -m benchmarks.peer CONFIGURATION ARRAYS.npz
"""

from benchmarks.answering import answer
from benchmarks.brightway import bw2calc
from benchmarks.peer_monte_carlo import iterative, partitioned, whole_system
from benchmarks.peer_solves import (
    all_methods,
    all_scores,
    one_score,
    scenarios,
    scenarios_iterative,
    supply,
    traversal,
)

CONFIGURATIONS = {
    "one_score": one_score,
    "all_scores": all_scores,
    "all_methods": all_methods,
    "supply": supply,
    "traversal": traversal,
    "scenarios": scenarios,
    "scenarios_iterative": scenarios_iterative,
    "partitioned": partitioned,
    "iterative": iterative,
    "whole_system": whole_system,
}

if __name__ == "__main__":
    answer(str(bw2calc.__version__), CONFIGURATIONS)
