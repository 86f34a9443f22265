"""A folder in which the guide's blocks can be run."""

import sys
from pathlib import Path

import pytest
from tests.docs.markdown import ROOT

SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder that looks like a checkout, with a state of its own."""
    (tmp_path / "services").symlink_to(ROOT / "services")
    activate = tmp_path / ".venv/bin/activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'export PATH="{SCRIPTS}:$PATH"\n')
    return tmp_path
