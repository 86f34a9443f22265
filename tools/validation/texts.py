"""The page's texts in both languages, with places for numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.validation.published import Words, document


@dataclass(frozen=True)
class Texts:
    """The texts of `texts.json`."""

    entries: Mapping[str, Any]

    @classmethod
    def read(cls) -> "Texts":
        return cls(document("texts.json"))

    def say(self, name: str, **numbers: object) -> Words:
        """Return a text with its places filled; all that is given has to be used."""
        entry = self.entries[name]
        unused = {key for key in numbers if f"{{{key}}}" not in entry["en"] + entry["zh"]}
        if unused:
            raise KeyError(f"{name} has no place for {sorted(unused)}")
        return Words(entry["en"].format(**numbers), entry["zh"].format(**numbers))

    def kind(self, group: str, name: str) -> Words:
        """Return a word of a group, e.g. of the reasons."""
        return Words(**self.entries[group][name])

    def heads(self, name: str, unit: str = "") -> list[str]:
        """Return the heads of a table's columns."""
        return [head.format(unit=unit) for head in self.entries["heads"][name]]

    def has(self, group: str, name: str) -> bool:
        return name in self.entries[group]


def paragraphs(words: Words) -> list[str]:
    """Write a text as one paragraph in each language."""
    return [line for text in (words.en, words.zh) if text for line in (text, "")]
