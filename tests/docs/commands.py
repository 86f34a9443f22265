"""Runs a document's shell block with stand-ins for programs that this machine does not have."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Says how it was called; what else it does, its own lines add.
_STAND_IN = """#!{python}
import json, os, sys
with open(os.environ["CALLS"], "a") as calls:
    print(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]), file=calls)
"""


def stand_in(folder: Path, name: str, lines: str = "") -> None:
    """Put a program into a folder that says how it is called.

    Parameters
    ----------
    lines
        Python that it runs besides.
    """
    program = folder / name
    program.write_text(_STAND_IN.format(python=sys.executable) + lines, encoding="utf-8")
    program.chmod(0o755)


def calls_of(block: str, folder: Path, programs: Path) -> list[Sequence[str]]:
    """Run a block in a folder; return the calls of the stand-ins, in their order."""
    calls = folder / "calls"
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=folder,
        env={"PATH": f"{programs}:/usr/bin:/bin", "CALLS": str(calls)},
        check=True,
    )
    return [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
