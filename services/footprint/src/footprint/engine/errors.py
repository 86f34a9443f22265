"""What can be wrong with a system of equations; callers give the indices their names."""

from enum import StrEnum


class Malformed(StrEnum):
    """Why arrays are no system."""

    INCONSISTENT = "inconsistent"  #: lengths or places do not belong together
    NOT_FINITE = "not finite"
    NOT_SQUARE = "not square"
    OUT_OF_RANGE = "out of range"


class Singular(StrEnum):
    """Why there is no unique solution, and what the indices are."""

    NO_EXCHANGES = "activities without exchanges"  #: indices of activities
    NOT_EXCHANGED = "products without exchanges"  #: indices of products
    TOO_FEW_PRODUCTS = "activities that share fewer products than they are"  #: of activities
    LOOP = "loop without a unique solution"  #: indices of activities


class EngineError(ValueError):
    """Base of the engine's errors."""


class MalformedSystemError(EngineError):
    """Not square, not finite, or of unequal lengths.

    Attributes
    ----------
    cause
        Which of these.
    indices
        Where, in the array or, for a demand, among the products; empty where it has no place.
    """

    def __init__(
        self,
        message: str,
        cause: Malformed = Malformed.INCONSISTENT,
        indices: tuple[int, ...] = (),
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.indices = indices


class SingularSystemError(EngineError):
    """No unique solution.

    Attributes
    ----------
    indices
        Activities that have none, or products: see `Singular`. Ascending.
    cause
        Why.
    """

    def __init__(self, indices: tuple[int, ...], cause: Singular = Singular.LOOP) -> None:
        super().__init__(f"{cause}: {indices}")
        self.indices = indices
        self.cause = cause


class IntractableLoopError(EngineError):
    """A loop whose factorization would take more work than is allowed.

    Attributes
    ----------
    indices
        Activities of the loop, ascending.
    """

    def __init__(self, indices: tuple[int, ...]) -> None:
        super().__init__(f"a loop of {len(indices)} activities takes too much work")
        self.indices = indices


class UnproductiveLoopError(EngineError):
    """A loop of inputs consumes more than it gives, so that its supply would be negative.

    Attributes
    ----------
    indices
        Activities of the loop, ascending.
    """

    def __init__(self, indices: tuple[int, ...]) -> None:
        super().__init__(f"unproductive loop among the activities {indices}")
        self.indices = indices


class SingularSampleError(SingularSystemError):
    """A sample of a Monte Carlo run has no unique solution.

    Attributes
    ----------
    sample
        Its number; with the seed it can be drawn again.
    """

    def __init__(self, sample: int, error: SingularSystemError) -> None:
        super().__init__(error.indices, error.cause)
        self.sample = sample
