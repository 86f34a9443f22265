"""Write docs/validation.md with its figures and what was drawn for it.

Usage: python -m tools.validation
"""

import sys
import time
from pathlib import Path

from tools.validation.draws import Draws, draw
from tools.validation.page import PAGE, Page


def main() -> int:
    """Draw, compute and write."""
    began = time.perf_counter()
    page = Page.of(Draws())
    page.draws = draw(page.cases(), page.headlines(), page.results, page.plan)
    page.draws.write()
    fresh = Page.of(page.draws, page.results)
    for name, text in fresh.files().items():
        Path(name).write_text(text, encoding="utf-8")
    took = time.perf_counter() - began
    print(f"{PAGE}: {len(page.draws.intervals)} intervals, {took:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
