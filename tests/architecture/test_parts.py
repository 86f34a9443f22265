"""The test run itself: parts, budgets, and what a machine lacks."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDS_NODE = "import pytest\n\n@pytest.mark.needs('node')\ndef test_on_node(): pass\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for directory in ("libs", "services", "deploy", "tests/e2e"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "libs/test_quick.py").write_text("def test_quick(): pass\n")
    return tmp_path


def run(
    project: Path, *arguments: str, require_all: bool = False
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=project,  # without node_modules: what needs Node is lacking here
        env={**os.environ, "REQUIRE_ALL": "1" if require_all else ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_machine_lacks_is_left_out_with_a_line(project: Path) -> None:
    (project / "libs/test_node.py").write_text(NEEDS_NODE)
    result = run(project)
    assert result.returncode == 0
    assert "1 passed, 1 deselected" in result.stdout
    assert "left out: 1 tests; this machine lacks Node with the npm tools" in result.stdout


def test_what_was_not_asked_for_is_not_counted_as_left_out(project: Path) -> None:
    (project / "libs/test_node.py").write_text(NEEDS_NODE)
    (project / "tests/e2e/test_whole.py").write_text("def test_whole(): pass\n")
    result = run(project, "-m", "e2e")
    assert result.returncode == 0
    assert "left out" not in result.stdout


def test_without_node_the_tools_are_left_out_or_required(tmp_path: Path) -> None:
    script = ROOT / "tools/node_modules.sh"
    for require_all, code, told in (("", 0, "left out: "), ("1", 1, "required by REQUIRE_ALL=1: ")):
        done = subprocess.run(
            ["/bin/sh", str(script)],
            cwd=tmp_path,
            env={"PATH": "/nowhere", "REQUIRE_ALL": require_all},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.startswith(told)) == (code, True)


def test_with_require_all_what_the_machine_lacks_fails(project: Path) -> None:
    (project / "libs/test_node.py").write_text(NEEDS_NODE)
    result = run(project, require_all=True)
    assert result.returncode == 1
    assert "REQUIRE_ALL=1, but this machine lacks Node with the npm tools" in result.stdout


def test_a_part_that_exceeds_its_budget_fails_the_run(project: Path) -> None:
    settings = project / "conftest.py"
    settings.write_text(settings.read_text().replace('"unit": 240', '"unit": 0'))
    result = run(project, require_all=True)
    assert result.returncode != 0
    assert "part unit exceeded its budget of 0 s" in result.stdout


ENDED_FROM_OUTSIDE = """
import os, signal, time
from pathlib import Path
import pytest

@pytest.fixture(scope="session")
def server():
    yield
    os.kill(os.getpid(), signal.SIGTERM)
    Path("stopped").touch()

def test_long(server):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
"""


def test_a_run_that_is_ended_from_outside_stops_what_its_fixtures_have_started(
    project: Path,
) -> None:
    (project / "libs/test_long.py").write_text(ENDED_FROM_OUTSIDE)
    result = run(project)
    assert result.returncode == 128 + signal.SIGTERM
    assert (project / "stopped").exists()


def test_a_directory_names_the_part(project: Path) -> None:
    (project / "tests/e2e/test_whole.py").write_text("def test_whole(): pass\n")
    assert "test_whole" in run(project, "-m", "e2e", "--collect-only", "-q").stdout
    assert "test_whole" not in run(project, "-m", "unit", "--collect-only", "-q").stdout


def test_an_unknown_need_is_an_error(project: Path) -> None:
    (project / "libs/test_node.py").write_text(NEEDS_NODE.replace("node", "nodes"))
    assert run(project).returncode != 0


def test_a_warning_is_an_error(project: Path) -> None:
    (project / "libs/test_warning.py").write_text(
        "import warnings\n\ndef test_warning():\n    warnings.warn('old')\n"
    )
    assert "UserWarning: old" in run(project).stdout
