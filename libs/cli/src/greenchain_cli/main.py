"""Entry point of the `greenchain` command."""

import sys

from greenchain_cli import language


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
    """Run one command; return the exit code."""
    from chassis.errors import GreenchainError
    from greenchain_cli.app import app
    from greenchain_cli.errors import report

    try:
        app(args=arguments, prog_name="greenchain", standalone_mode=True)
    except GreenchainError as error:
        return report(error)
    return 0
