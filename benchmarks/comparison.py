"""Ours and a peer on the same work in the same run: first agreement, then alternating timings."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

#: Largest relative difference that counts as agreement [-].
TOLERANCE = 1e-9
#: A timing repeats short work until it lasts about this long [s].
SHORTEST_TIMING = 0.02


class DisagreementError(Exception):
    """The results differ, so that their speed says nothing."""


class Peer(Protocol):
    """What ours is measured against.

    Attributes
    ----------
    name, version, configuration
        Which peer it is, and how it was set up for this work.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def configuration(self) -> str: ...

    def result(self) -> Any:
        """Do the work once and give its result."""

    def seconds(self, calls: int) -> float:
        """Do the work some times and give the mean duration of one [s]."""

    def close(self) -> None:
        """Give back what the peer holds."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """A peer that is a function of this process."""

    name: str
    version: str
    configuration: str
    work: Callable[[], Any]

    def result(self) -> Any:
        return self.work()

    def seconds(self, calls: int) -> float:
        return seconds_per_call(self.work, calls)

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Comparison:
    """One benchmark, ready to run.

    Attributes
    ----------
    name
        ``<what>_vs_<peer>``; for a kernel, <what> begins with the name of its module.
    work
        What is computed, on which data.
    ours
        Does the work with greenchain and gives its result.
    difference
        Largest relative difference [-] of our result and the peer's.
    note
        What a reader must know to judge the ratio.
    """

    name: str
    work: str
    ours: Callable[[], Any]
    peer: Callable[[], Peer]
    difference: Callable[[Any, Any], float]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured: medians [s], and the ratios [-] of the peer's time to ours."""

    name: str
    work: str
    ours_s: float
    peer: str
    peer_version: str
    peer_configuration: str
    peer_s: float
    ratio_median: float
    ratio_min: float
    ratio_max: float
    agreement: float
    note: str


def seconds_per_call(work: Callable[[], object], calls: int) -> float:
    """Give the mean duration of one call [s]."""
    started = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - started) / calls


def largest_difference(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Give the largest relative difference [-] of two arrays, element by element."""
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if a.shape != b.shape:
        raise DisagreementError(f"results have the shapes {a.shape} and {b.shape}")
    size = np.maximum(np.abs(a), np.abs(b))
    differing = a != b  # true for NaN, whose quotient below is NaN again
    return float((np.abs(a - b)[differing] / size[differing]).max(initial=0.0))


def measure(comparison: Comparison, repetitions: int) -> Row:
    """Check that the results agree, then time ours and the peer in turn.

    Raises
    ------
    DisagreementError
        If the results differ by more than `TOLERANCE`.
    """
    peer = comparison.peer()
    try:
        difference = comparison.difference(comparison.ours(), peer.result())
        if not difference <= TOLERANCE:  # true for NaN
            raise DisagreementError(
                f"{comparison.name}: ours and {peer.name} differ by {difference:.1e} relative"
            )

        def ours(calls: int) -> float:
            return seconds_per_call(comparison.ours, calls)

        our_calls, peer_calls = _calls(ours), _calls(peer.seconds)
        pairs = [(ours(our_calls), peer.seconds(peer_calls)) for _ in range(repetitions)]
    finally:
        peer.close()
    ratios = [theirs / own for own, theirs in pairs]
    ratio = statistics.median(ratios)
    slower = f"Ours is slower here, by a factor of {1 / ratio:.2g}." if ratio < 1.0 else ""
    return Row(
        name=comparison.name,
        work=comparison.work,
        ours_s=statistics.median(own for own, _ in pairs),
        peer=peer.name,
        peer_version=peer.version,
        peer_configuration=peer.configuration,
        peer_s=statistics.median(theirs for _, theirs in pairs),
        ratio_median=ratio,
        ratio_min=min(ratios),
        ratio_max=max(ratios),
        agreement=difference,
        note=" ".join(part for part in (slower, comparison.note) if part),
    )


def _calls(seconds: Callable[[int], float]) -> int:
    """Give the number of calls that last about `SHORTEST_TIMING`."""
    seconds(1)  # what happens at the first call alone is not part of the work
    return max(1, round(SHORTEST_TIMING / max(seconds(1), 1e-7)))
