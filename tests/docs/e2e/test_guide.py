"""The guide's blocks run as they stand, one after the other, against a platform of their own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.markdown import ROOT, document

_SCRIPTS = Path(sys.executable).parent


def marked_blocks(mark: str) -> str:
    """Return the guide's blocks that carry a mark, as one script."""
    pattern = rf"<!-- check: {mark} -->\n```sh\n(.*?)^```$"
    return "\n".join(re.findall(pattern, document("docs/guide.md"), re.MULTILINE | re.DOTALL))


def bash(script: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a script that ends with its first failure; return what it printed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder that looks like a checkout, with a state of its own."""
    (tmp_path / "services").symlink_to(ROOT / "services")
    activate = tmp_path / ".venv/bin/activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'export PATH="{_SCRIPTS}:$PATH"\n')
    return tmp_path


@pytest.fixture
def environment(folder: Path) -> Iterator[dict[str, str]]:
    """Add the guide's identities and run its platform, at ports that are free."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    plain["LANG"] = "C.UTF-8"
    bash(marked_blocks("setup"), folder, plain)
    (words,) = marked_blocks("platform").splitlines()
    with subprocess.Popen(
        [
            _SCRIPTS / words.split()[0],
            *words.split()[1:],
            "--http-port=0",
            "--grpc-port=0",
            "--json",
        ],
        cwd=folder,
        env=plain,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as platform:
        assert platform.stdout is not None
        where = json.loads(platform.stdout.readline())
        yield plain | {"GREENCHAIN_URL": where["http"], "GREENCHAIN_TARGET": where["grpc"]}
        platform.terminate()


def test_the_guide_leads_from_the_product_to_the_deprecated_footprint(
    folder: Path, environment: dict[str, str]
) -> None:
    *most, last = marked_blocks("run").rstrip().splitlines()
    # A person looks again when the answer is not there yet.
    look_again = f"until {last} | grep deprecated; do sleep 0.5; done"
    told = bash("\n".join([*most, look_again]), folder, environment)
    assert "verified=True" in told
    assert "deprecated" in told
