"""What can be wrong with a system of equations; callers give the indices their names."""


class EngineError(ValueError):
    """Base of the engine's errors."""


class MalformedSystemError(EngineError):
    """Not square, not finite, or of unequal lengths."""


class SingularSystemError(EngineError):
    """No unique solution.

    Attributes
    ----------
    indices
        Processes of the loop that is singular, ascending.
    """

    def __init__(self, indices: tuple[int, ...]) -> None:
        super().__init__(f"singular among the processes {indices}")
        self.indices = indices


class UnproductiveLoopError(EngineError):
    """A loop of inputs consumes more than it gives, so that its supply would be negative.

    Attributes
    ----------
    indices
        Processes of the loop, ascending.
    """

    def __init__(self, indices: tuple[int, ...]) -> None:
        super().__init__(f"unproductive loop among the processes {indices}")
        self.indices = indices
