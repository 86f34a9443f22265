"""Reading and writing the files that have figures."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = "services/footprint/src/footprint/data"


def read(name: str) -> str:
    """Return the text of a file by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def write(name: str, text: str) -> bool:
    """Write a file and tell whether it changed."""
    if read(name) == text:
        return False
    (ROOT / name).write_text(text, encoding="utf-8", newline="")
    return True


def replaced(pattern: str, text: str, by: str, flags: int = 0) -> str:
    """Replace what a pattern finds, which has to be there exactly once."""
    changed, times = re.subn(pattern, lambda _: by, text, flags=flags)
    if times != 1:
        raise ValueError(f"{times} times instead of once: {pattern}")
    return changed
