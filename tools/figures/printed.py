"""What commands print, in the documents whose blocks run as they stand."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.figures.files import ROOT, read

PAGES = ("docs/analysing-a-model.md", "docs/explaining.md")
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "=== end of a block"


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and new text of the pages."""
    for name in PAGES:
        text = read(name)
        blocks = list(_BLOCK.finditer(text))
        printed = _run([block[2] for block in blocks if block[1] == "sh"])
        fresh, place, run = "", 0, 0
        for block in blocks:
            fresh += text[place : block.start()]
            run += block[1] == "sh"
            if block[1] == "sh":
                fresh += block[0]
            else:
                fresh += f"```text\n{_same_part(block[2], printed[run - 1])}```"
            place = block.end()
        yield name, fresh + text[place:]


def _same_part(shown: str, printed: str) -> str:
    """Return of what is printed that which was shown of it before.

    It begins with the line that begins as the first one did, and has as many paragraphs.
    """
    label = re.match(r"[^\d\n]*", shown)
    lines = printed.splitlines(keepends=True)
    first = next(
        (place for place, line in enumerate(lines) if label and line.startswith(label[0])), None
    )
    if first is None:
        raise ValueError(f"no longer printed: {shown.splitlines()[0]}")
    paragraphs = "".join(lines[first:]).split("\n\n")
    return "\n\n".join(paragraphs[: shown.count("\n\n") + 1]).rstrip("\n") + "\n"


def _run(scripts: list[str]) -> list[str]:
    """Run blocks one after the other in one shell; return what each printed."""
    script = "".join(f"{each}echo '{_END}'\n" for each in scripts)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "services").symlink_to(ROOT / "services")
        activate = Path(folder) / ".venv/bin/activate"
        activate.parent.mkdir(parents=True)
        activate.write_text(f'export PATH="{Path(sys.executable).parent}:$PATH"\n')
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout.split(f"{_END}\n")[:-1]
