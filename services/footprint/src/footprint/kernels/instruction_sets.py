"""Which build of the kernels of many samples fits this processor."""

from importlib import import_module
from types import ModuleType

from footprint.kernels.monte_carlo import instruction_sets

#: Those that this processor has, best first; the last is always "baseline".
INSTRUCTION_SETS: tuple[str, ...] = instruction_sets()


def kernel(name: str, instruction_set: str) -> ModuleType:
    """Load a kernel's build for an instruction set.

    Parameters
    ----------
    name
        ``draws`` or ``monte_carlo``.
    instruction_set
        One of `INSTRUCTION_SETS`; another one would stop the process.

    Raises
    ------
    ValueError
        If this processor does not have the instruction set.
    """
    if instruction_set not in INSTRUCTION_SETS:
        raise ValueError(f"this processor has {INSTRUCTION_SETS}, not {instruction_set}")
    suffix = "" if instruction_set == "baseline" else f"_{instruction_set}"
    return import_module(f"footprint.kernels.{name}{suffix}")
