import pytest

from chassis.language import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-Hant-TW", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("en;q=0.1,zh;q=0.2", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=7,en;q=0.1", "en"),
        ("zh;q=x", "en"),
        ("*", "en"),
        (",;,=;q", "en"),
        ("fr," * 1000 + "zh", "en"),
    ],
)
def test_the_language_with_the_highest_weight_is_chosen(header: str, language: str) -> None:
    assert language_of(header) == language
