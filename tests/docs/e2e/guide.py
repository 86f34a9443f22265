"""Runs the guide's blocks in a shell."""

import os
import re
import subprocess
from pathlib import Path

from tests.docs.markdown import document


def marked_blocks(mark: str) -> str:
    """Return the guide's blocks that carry a mark, as one script."""
    pattern = rf"<!-- check: {mark} -->\n```sh\n(.*?)^```$"
    found = re.findall(pattern, document("docs/guide.md"), re.MULTILINE | re.DOTALL)
    assert found, f"no block of the guide is marked {mark}"
    return "\n".join(found)


def plain_environment() -> dict[str, str]:
    """Return an environment without any setting of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LANG": "C.UTF-8"}


def bash(script: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a script that ends with its first failure; return what it printed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
