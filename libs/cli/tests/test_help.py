"""What `--help` shows."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from greenchain_cli.app import command
from greenchain_cli.main import run


def every_command(one: Any, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    for name, below in getattr(one, "commands", {}).items():
        yield from every_command(below, *words, name)


@pytest.mark.parametrize("words", list(every_command(command())), ids=" ".join)
def test_every_help_names_the_language_and_no_type_of_python(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--lang zh|en" in shown
    assert "list[" not in shown
    assert "<bool>" not in shown


def test_declaring_the_commands_loads_no_service() -> None:
    # `greenchain --help` answers at once: what computes or serves is loaded by who asks for it.
    heavy = {"footprint", "supplier", "certification", "numpy", "fastapi", "grpc", "httpx"}
    told = "import sys; from greenchain_cli.app import command; command(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & heavy == set()


def test_brackets_in_a_help_text_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run(["certification", "follow", "--help"])
    assert "End when nothing came for so long [s]." in capsys.readouterr().out
