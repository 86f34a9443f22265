"""Entry point of the `greenchain` command."""

import os
import sys
import traceback
from typing import TYPE_CHECKING

from greenchain_cli import language

if TYPE_CHECKING:
    from chassis.errors import GreenchainError

# As the shell reports a process that the signal of that name ended: 128 + its number.
_INTERRUPTED, _NOBODY_READS = 130, 141
_DEVELOPMENT = "GREENCHAIN_DEVELOPMENT"


def main() -> None:
    """Run the command and end the process with its exit code."""
    try:
        arguments, spoken = language.take(sys.argv[1:])
    except language.UnknownLanguage as unknown:
        sys.stderr.write(f"--lang: {unknown}? zh | en\n")
        sys.exit(2)
    language.speak(spoken)
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command; return the exit code. No exception gets out."""
    try:
        return _run(arguments)
    except BrokenPipeError:
        _let_go_of_stdout()
        return _NOBODY_READS
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(arguments: list[str]) -> int:
    from typer import Abort

    from greenchain_cli.app import command
    from greenchain_cli.errors import report

    try:
        ended = command().main(args=arguments, prog_name="greenchain", standalone_mode=False)
        sys.stdout.flush()
        return ended if isinstance(ended, int) else 0
    except Abort:
        return _INTERRUPTED
    except BrokenPipeError:
        raise
    except SystemExit as ended:
        # What `rich` makes of a reader that went away.
        if isinstance(ended.__context__, BrokenPipeError):
            return _NOBODY_READS
        raise
    except Exception as error:  # noqa: BLE001 - nothing may end in a traceback
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()  # type: ignore[attr-defined]
            return 2
        if _in_development(arguments):
            traceback.print_exc()
        return report(_told(error), as_json="--json" in arguments)


def _told(error: Exception) -> "GreenchainError":
    """Return what an exception means to the person at the command line."""
    from pydantic import ValidationError
    from typer import BadParameter

    from chassis.errors import GreenchainError
    from greenchain_cli.errors import MissingFile, Unforeseen, UnusableFile, WrongUse
    from greenchain_cli.wrong_settings import wrong_settings

    # The class that all errors of a command line share; typer does not export it.
    (usage_error,) = (each for each in BadParameter.__mro__ if each.__name__ == "ClickException")
    if isinstance(error, GreenchainError):
        return error
    if isinstance(error, usage_error):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "greenchain"
        return WrongUse(reason=error.format_message(), command=command)  # type: ignore[attr-defined]
    if isinstance(error, FileNotFoundError) and error.filename:
        return MissingFile(path=str(error.filename))
    if isinstance(error, OSError) and error.filename:
        return UnusableFile(path=str(error.filename), reason=error.strerror or type(error).__name__)
    if isinstance(error, ValidationError):
        found = wrong_settings(error)
        if found is not None:
            return found
    lines = str(error).splitlines()
    return Unforeseen(what=f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__)


def _in_development(arguments: list[str]) -> bool:
    asked = os.environ.get(_DEVELOPMENT, "").lower() in ("1", "true", "yes", "on")
    return asked or "--development" in arguments


def _let_go_of_stdout() -> None:
    """Keep the interpreter from complaining, when it ends, of what nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
