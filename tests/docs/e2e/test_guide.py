"""The guide's blocks run as they stand, one after the other, against a platform of their own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.e2e.guide import bash, marked_blocks, plain_environment

_SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def environment(folder: Path) -> Iterator[dict[str, str]]:
    """Add the guide's identities and run its platform, at ports that are free."""
    plain = plain_environment()
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
