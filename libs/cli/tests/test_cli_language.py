"""Which language the command speaks."""

import pytest

from greenchain_cli import language


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
    ],
)
def test_the_locale_decides(environment: dict[str, str], expected: str) -> None:
    assert language.take(["demo"], environment) == (["demo"], expected)


@pytest.mark.parametrize(
    "arguments", [["--lang", "zh", "demo"], ["demo", "--lang", "zh"], ["demo", "--lang=zh"]]
)
def test_the_option_wins_wherever_it_stands(arguments: list[str]) -> None:
    assert language.take(arguments, {"LANG": "en_GB.UTF-8"}) == (["demo"], "zh")


def test_what_follows_two_dashes_is_left_alone() -> None:
    assert language.take(["x", "--", "--lang", "zh"], {}) == (["x", "--", "--lang", "zh"], "en")


@pytest.mark.parametrize("arguments", [["--lang", "fr"], ["--lang"]])
def test_an_unknown_language_is_refused(arguments: list[str]) -> None:
    with pytest.raises(language.UnknownLanguage):
        language.take(arguments, {})
