"""How an amount varies: the distributions of exchanges, factors and parameters, as arrays."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy import special

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.errors import Malformed, MalformedSystemError

#: The first two for those who still look for them here.


class Kind(IntEnum):
    """Distributions by the number under which the kernels know them."""

    FIXED = 0
    LOGNORMAL = 1
    NORMAL = 2
    UNIFORM = 3
    TRIANGULAR = 4


@dataclass(frozen=True, slots=True)
class Distributions:
    """Distributions of m amounts.

    Attributes
    ----------
    kind
        `Kind` of each (m,), int64.
    first, second, third
        Parameters (m,) [unit of the amount, unless said otherwise]:

        ========== ====================== ======================================== =======
        kind       first                  second                                   third
        ========== ====================== ======================================== =======
        FIXED      the amount             0                                        0
        LOGNORMAL  median, of either sign ln of the geometric standard deviation [-] 0
        NORMAL     mean                   standard deviation                       0
        UNIFORM    least                  largest                                  0
        TRIANGULAR least                  mode                                     largest
        ========== ====================== ======================================== =======
    given
        Row of the table of given values by which the drawn amount is multiplied, or −1 (m,), int64:
        the value of a formula, or 1 and 0 for the options of a choice. See `Given`.

    Raises
    ------
    MalformedSystemError
        If lengths differ, a parameter is not finite or out of range.
    """

    kind: Integers
    first: Floats
    second: Floats
    third: Floats
    given: Integers

    def __post_init__(self) -> None:
        size = self.kind.shape
        arrays = (self.first, self.second, self.third, self.given)
        if any(array.shape != size for array in arrays):
            raise MalformedSystemError("distributions of unequal lengths")
        finite = np.isfinite(self.first) & np.isfinite(self.second) & np.isfinite(self.third)
        _refuse(~finite, Malformed.NOT_FINITE)
        wrong = (self.kind < Kind.FIXED) | (self.kind > Kind.TRIANGULAR)
        spread = (self.kind == Kind.LOGNORMAL) | (self.kind == Kind.NORMAL)
        wrong |= spread & (self.second < 0.0)
        ranged = (self.kind == Kind.UNIFORM) | (self.kind == Kind.TRIANGULAR)
        wrong |= ranged & (self.second < self.first)
        wrong |= (self.kind == Kind.TRIANGULAR) & (self.third < self.second)
        _refuse(wrong, Malformed.OUT_OF_RANGE)

    @classmethod
    def fixed(cls, amount: Floats) -> "Distributions":
        """Amounts that do not vary."""
        zeros = np.zeros(len(amount))
        kinds = np.zeros(len(amount), dtype=np.int64)
        return cls(kinds, np.asarray(amount, np.float64), zeros, zeros, kinds - 1)

    @classmethod
    def lognormal(cls, median: Floats, sigma: Floats) -> "Distributions":
        """Amounts whose logarithm is normal; `sigma` is ln of the geometric standard deviation."""
        zeros = np.zeros(len(median))
        kinds = np.full(len(median), Kind.LOGNORMAL, dtype=np.int64)
        return cls(
            kinds,
            np.asarray(median, np.float64),
            np.asarray(sigma, np.float64),
            zeros,
            np.full(len(median), -1, dtype=np.int64),
        )

    @property
    def size(self) -> int:
        """Number of amounts."""
        return len(self.kind)

    def mean(self) -> Floats:
        """Return the expected amounts, given values taken as 1 (m,)."""
        first, second, third = self.first, self.second, self.third
        return np.select(
            [
                self.kind == Kind.LOGNORMAL,
                self.kind == Kind.UNIFORM,
                self.kind == Kind.TRIANGULAR,
            ],
            [
                first * np.exp(0.5 * np.square(np.where(self.kind == Kind.LOGNORMAL, second, 0.0))),
                (first + second) / 2.0,
                (first + second + third) / 3.0,
            ],
            first,
        )

    def variance(self) -> Floats:
        """Return the variances of the amounts, given values taken as 1 (m,) [unit²]."""
        lognormal = self.kind == Kind.LOGNORMAL
        sigma = np.where(lognormal, self.second, 0.0)
        mean = np.where(lognormal, self.mean(), 0.0)
        deviation = np.where(self.kind == Kind.NORMAL, self.second, 0.0)
        # By the widths of the ranges: squares of the ends would cancel.
        uniform, triangular = self.kind == Kind.UNIFORM, self.kind == Kind.TRIANGULAR
        left = np.where(uniform | triangular, self.second - self.first, 0.0)
        right = np.where(triangular, self.third - self.second, 0.0)
        return np.select(
            [lognormal, uniform, triangular],
            [
                np.square(mean) * np.expm1(np.square(sigma)),
                np.square(left) / 12.0,
                (np.square(left) + left * right + np.square(right)) / 18.0,
            ],
            np.square(deviation),
        )

    def quantile(self, probability: float) -> Floats:
        """Return the amounts that are undercut with a probability in (0, 1).

        Given values are taken as 1 (m,). Of an amount below zero, such as an input of a
        technosphere, a low quantile is one of large size.
        """
        first, second, third = self.first, self.second, self.third
        deviate = float(special.ndtri(probability))
        sigma = np.where(self.kind == Kind.LOGNORMAL, second, 0.0)
        # Of a triangle: the area left of the mode, then the distance from the nearer corner, which
        # rounding must not carry past the mode.
        left = probability * (third - first) <= second - first
        rising = first + np.sqrt(np.maximum(probability * (third - first) * (second - first), 0.0))
        falling = np.maximum((1.0 - probability) * (third - first) * (third - second), 0.0)
        return np.select(
            [
                self.kind == Kind.LOGNORMAL,
                self.kind == Kind.NORMAL,
                self.kind == Kind.UNIFORM,
                self.kind == Kind.TRIANGULAR,
            ],
            [
                first * np.exp(np.copysign(sigma, first) * deviate),
                first + second * deviate,
                first + (second - first) * probability,
                np.where(
                    left,
                    np.minimum(rising, second),
                    np.maximum(third - np.sqrt(falling), second),
                ),
            ],
            first,
        )


def _refuse(wrong: Bools, cause: Malformed) -> None:
    """Raise if any distribution is wrong, and say which."""
    places = tuple(np.flatnonzero(wrong).tolist())
    if places:
        raise MalformedSystemError(f"distributions {cause} at {list(places[:5])}", cause, places)
