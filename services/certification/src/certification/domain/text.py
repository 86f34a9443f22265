"""What a text that people send may hold.

Much of it is published, and shown in terminals and logs: a character that cannot be seen could
reverse, hide or forge what stands around it.
"""

# Python does not count the space of Chinese texts as printable.
_IDEOGRAPHIC_SPACE = "\u3000"


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text can be seen."""
    return not any(each.isprintable() and not each.isspace() for each in text)


def unseen(text: str, *, lines: bool = False) -> str | None:
    """Name the first character that has no place in a text, e.g. ``U+202E``; None if all do.

    Parameters
    ----------
    lines
        Whether the text may have several lines.
    """
    allowed = _IDEOGRAPHIC_SPACE + ("\n" if lines else "")
    found = next((each for each in text if not each.isprintable() and each not in allowed), None)
    return None if found is None else f"U+{ord(found):04X}"
