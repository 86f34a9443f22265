"""What a newcomer meets first: the list of targets, and what the machine lacks."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Answers the three questions that the check asks of an interpreter.
PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) exit {too_old} ;;
    *ensurepip*) exit {no_venv} ;;
    *sysconfig*) echo {headers} ;;
    *-V*) echo Python 3.9.2 ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Give a directory of commands that lacks nothing."""
    for command in ("gcc", "git", "id", "sh"):
        found = shutil.which(command)
        assert found is not None
        (tmp_path / command).symlink_to(found)
    (tmp_path / "Python.h").touch()
    install_python(tmp_path)
    return tmp_path


def install_python(
    machine: Path, *, too_old: bool = False, no_venv: bool = False, headers: bool = True
) -> None:
    script = machine / "python3"
    script.write_text(
        PYTHON.format(
            too_old=int(too_old),
            no_venv=int(no_venv),
            headers=machine if headers else machine / "nowhere",
        )
    )
    script.chmod(0o755)


def check(machine: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "tools/check_machine.sh", *arguments],
        env={"PATH": str(machine), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_complete_machine_passes_in_silence(machine: Path) -> None:
    result = check(machine)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("command", ["gcc", "git"])
def test_a_missing_command_is_named_with_its_package(machine: Path, command: str) -> None:
    (machine / command).unlink()
    result = check(machine)
    assert result.returncode == 1
    assert f"missing: {command}" in result.stderr
    assert f"apt-get install {command}\n" in result.stderr


def test_missing_headers_are_named_with_their_package(machine: Path) -> None:
    install_python(machine, headers=False)
    assert "apt-get install python3-dev\n" in check(machine).stderr


def test_a_missing_venv_module_is_named_with_its_package(machine: Path) -> None:
    install_python(machine, no_venv=True)
    assert "apt-get install python3-venv\n" in check(machine).stderr


def test_an_old_python_is_named_with_its_version_and_a_newer_one(machine: Path) -> None:
    install_python(machine, too_old=True)
    told = check(machine).stderr
    assert "Python 3.11 or newer; python3 is Python 3.9.2" in told
    # Not python3, which is the old one on such a machine.
    assert "apt-get install python3.11 python3.11-venv python3.11-dev\n" in told
    assert "make setup PYTHON=python3.11" in told


def test_the_packages_are_those_of_the_chosen_python(machine: Path) -> None:
    told = check(machine, PYTHON="python3.13").stderr
    assert "apt-get install python3.13 python3.13-venv python3.13-dev\n" in told
    (machine / "python3").rename(machine / "python3.13")
    assert check(machine, PYTHON="python3.13").returncode == 0


def test_packages_alone_are_printed_for_continuous_integration(machine: Path) -> None:
    (machine / "gcc").unlink()
    result = check(machine, "--packages")
    assert (result.returncode, result.stdout.split()) == (0, ["gcc"])


def test_everything_that_is_missing_is_named_at_once(machine: Path) -> None:
    for command in ("gcc", "git", "python3"):
        (machine / command).unlink()
    assert "apt-get install git gcc python3 python3-venv python3-dev\n" in check(machine).stderr


@pytest.mark.parametrize(("told", "old"), [("11.0.22", True), ("1.8.0_292", True), ("17", False)])
def test_continuous_integration_asks_for_java_17_where_it_is_not(
    machine: Path, told: str, old: bool
) -> None:
    for command in ("cat", "date", "dirname", "grep", "timeout"):
        found = shutil.which(command)
        assert found is not None
        (machine / command).symlink_to(found)
    (machine / "id").unlink()
    programs = {
        "id": "echo 1000",
        "java": f"echo 'openjdk version \"{told}\"' >&2",
        **dict.fromkeys(("make", "node", "npm", "mvn"), "exit 1"),
    }
    for name, does in programs.items():
        (machine / name).write_text(f"#!/bin/sh\n{does}\n")
        (machine / name).chmod(0o755)
    result = subprocess.run(
        ["/bin/sh", ROOT / ".ci/run"],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("openjdk-17-jre-headless" in result.stderr) is old
    assert ("setup: make setup" in result.stdout) is not old


def test_make_alone_prints_every_target() -> None:
    phony = re.search(
        r"^\.PHONY: (help(?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert phony is not None
    targets = phony[1].replace("\\\n", " ").split()
    # Without the variables of a make that runs these tests.
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    printed = subprocess.run(
        ["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert [target for target in targets if f"make {target} " not in printed] == []


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "options"),
    [
        ([], {}, ""),
        (["DATABASE=postgres", "EVENTS=kafka"], {}, " --database postgres --events kafka"),
        ([], {"DATABASE": "orders", "EVENTS": "all"}, ""),
    ],
)
def test_the_shape_of_the_demonstration_is_what_make_was_told(
    arguments: list[str], environment: dict[str, str], options: str
) -> None:
    told = make(ROOT, "--dry-run", "demo", *arguments, **environment).stdout
    (command,) = (line for line in told.splitlines() if "greenchain demo" in line)
    assert command.rstrip() == f".venv/bin/greenchain demo{options}"


@pytest.mark.parametrize("stops", [True, False])
def test_the_folder_of_servers_goes_only_if_they_stop(tmp_path: Path, stops: bool) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (
        *(".greenchain", ".venv/bin"),
        *("proto", "libs", "services", "deploy", "tests", "tools", "benchmarks"),
    ):
        (tmp_path / name).mkdir(parents=True)
    python = tmp_path / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\necho "$@" >> calls\nexit {int(not stops)}\n')
    python.chmod(0o755)
    told = make(tmp_path, "clean").stderr
    assert ("kept .greenchain" in told) is not stops
    assert (tmp_path / ".greenchain").exists() is not stops
    asked = ["-m greenchain_kafka stop", "-m greenchain_postgres stop"][: 1 + stops]
    assert (tmp_path / "calls").read_text().splitlines() == asked
