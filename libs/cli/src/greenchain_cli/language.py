"""Which language the command speaks: `--lang`, else the locale of the shell."""

import os
from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "zh")
_OPTION = "--lang"


class UnknownLanguage(ValueError):
    """`--lang` names a language that the command does not speak."""


def take(
    arguments: Sequence[str], environment: Mapping[str, str] = os.environ
) -> tuple[list[str], str]:
    """Take `--lang` out of the arguments, wherever it stands.

    The language must be known before the commands are declared, since their help is bilingual too.

    >>> take(["demo", "--lang", "zh"], {})
    (['demo'], 'zh')
    >>> take(["demo"], {"LANG": "zh_CN.UTF-8"})
    (['demo'], 'zh')
    """
    rest: list[str] = []
    chosen: str | None = None
    remaining = iter(arguments)
    for argument in remaining:
        if argument == _OPTION:
            chosen = next(remaining, "")
        elif argument.startswith(f"{_OPTION}="):
            chosen = argument.partition("=")[2]
        elif argument == "--":
            rest.extend([argument, *remaining])
        else:
            rest.append(argument)
    if chosen is None:
        return rest, of_locale(environment)
    if chosen not in LANGUAGES:
        raise UnknownLanguage(chosen)
    return rest, chosen


def of_locale(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of the shell's locale, by the precedence of POSIX."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(variable, "")
        if value:
            return "zh" if value.startswith("zh") else "en"
    return "en"


class _Spoken:
    """The language of this process; set once, before anything is said."""

    language = of_locale()


def speak(language: str) -> None:
    """Set the language of this process."""
    _Spoken.language = language


def current() -> str:
    """Return the language of this process, ``en`` or ``zh``."""
    return _Spoken.language


def say(en: str, zh: str) -> str:
    """Choose the text in the language of this process."""
    return zh if _Spoken.language == "zh" else en
