"""Ours and a peer on the same work in the same run: first agreement, then alternating timings."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

#: Largest relative difference that counts as agreement [-].
TOLERANCE = 1e-9
#: A timing repeats short work until it lasts about this long [s].
SHORTEST_TIMING = 0.02
#: What lasts longer needs no call to warm up [s].
LONG_TIMING = 1.0


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
        """Do the work some times and give the mean duration of one iteration [s]."""

    def close(self) -> None:
        """Give back what the peer holds."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """A peer that is a function of this process.

    Attributes
    ----------
    iterations
        How many samples or scenarios one call of `work` computes; durations are of one.
    compared
        Gives what ours is compared with; None: what `work` gives.
    """

    name: str
    version: str
    configuration: str
    work: Callable[[], Any]
    iterations: int = 1
    compared: Callable[[], Any] | None = None

    def result(self) -> Any:
        return (self.compared or self.work)()

    def seconds(self, calls: int) -> float:
        return seconds_per_call(self.work, calls) / self.iterations

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well results agree, beyond what one number says.

    Attributes
    ----------
    difference
        Largest relative difference [-] of what has to be the same.
    words
        What else was compared, and how well it agrees.
    """

    difference: float
    words: str


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
    tolerance
        Largest difference that counts as agreement [-].
    iterations
        How many samples or scenarios one call of ours computes; durations are of one.
    compared
        Gives what the peer's result is compared with; None: what `ours` gives.
    floor, aim
        Ratio that is asked for, and the one that is hoped for; None: as measured.
    reason
        Why the floor is out of reach, where it is.
    """

    name: str
    work: str
    ours: Callable[[], Any]
    peer: Callable[[], Peer]
    difference: Callable[[Any, Any], float | Agreement]
    note: str = ""
    tolerance: float = TOLERANCE
    iterations: int = 1
    compared: Callable[[], Any] | None = None
    floor: float | None = None
    aim: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured: medians of one iteration [s], ratios [-] of the peer's time to ours."""

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
    floor: float | None
    aim: float | None
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
        If the results differ by more than the tolerance.
    """
    peer = comparison.peer()
    try:
        compared = (comparison.compared or comparison.ours)()
        found = comparison.difference(compared, peer.result())
        agreement = found if isinstance(found, Agreement) else Agreement(found, "")
        if not agreement.difference <= comparison.tolerance:  # true for NaN
            raise DisagreementError(
                f"{comparison.name}: ours and {peer.name} differ by "
                f"{agreement.difference:.1e} relative"
            )

        def ours(calls: int) -> float:
            return seconds_per_call(comparison.ours, calls) / comparison.iterations

        our_calls = _calls(ours)
        peer_calls = _calls(peer.seconds)
        pairs = [(ours(our_calls), peer.seconds(peer_calls)) for _ in range(repetitions)]
    finally:
        peer.close()
    ratios = [theirs / own for own, theirs in pairs]
    ratio = statistics.median(ratios)
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
        agreement=agreement.difference,
        floor=comparison.floor,
        aim=comparison.aim,
        note=" ".join(_remarks(comparison, ratio, agreement)),
    )


def _remarks(comparison: Comparison, ratio: float, agreement: Agreement) -> Iterator[str]:
    if comparison.floor is not None and ratio < comparison.floor:
        yield " ".join([f"Below the floor of {comparison.floor:g}.", comparison.reason]).strip()
    if ratio < 1.0:
        yield f"Ours is slower here, by a factor of {1 / ratio:.2g}."
    yield from (words for words in (comparison.note, agreement.words) if words)


def _calls(seconds: Callable[[int], float]) -> int:
    """Give the number of calls that last about `SHORTEST_TIMING`."""
    # What happens at the first call alone is not part of the work, unless the work is long.
    for _ in range(2):
        started = time.perf_counter()
        seconds(1)
        took = time.perf_counter() - started
        if took > LONG_TIMING:
            break
    return max(1, round(SHORTEST_TIMING / max(took, 1e-7)))
