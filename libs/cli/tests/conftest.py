"""What the command line's tests share: English, answers as a program or a person reads them."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.console import Console

from greenchain_cli import language, output
from greenchain_cli.analysis_views import show
from greenchain_cli.main import run


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = language.current()
    language.speak("en")
    yield
    language.speak(before)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Return what runs a command with --json and returns its answer, or its error."""

    def answered(*words: str, code: int = 0) -> Any:
        assert run(["footprint", *words, "--json"]) == code
        found = json.loads(capsys.readouterr().out)
        return found["error"] if code else found

    return answered


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return what shows a result in a window."""

    def in_window(found: Any, width: int = 80) -> str:
        console = Console(file=io.StringIO(), width=width, highlight=False)
        monkeypatch.setattr(output, "console", lambda: console)
        show(found)
        printed: str = console.file.getvalue()  # type: ignore[attr-defined]
        return printed

    return in_window
