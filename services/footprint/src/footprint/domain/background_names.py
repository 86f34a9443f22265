"""Names of backgrounds: what may be one, and `backgrounds` in `product.json`."""

import re
from collections.abc import Iterator

from footprint.domain.background import SEPARATOR, BackgroundReference
from footprint.domain.background_errors import UnfitBackgroundId
from footprint.domain.json_reader import JsonReader
from footprint.domain.rows import LONGEST_ID

#: Longest code of an activity, and id and version of a background: with the separator, id and code
#: fit in one identifier.
LONGEST_CODE = 100
LONGEST_BACKGROUND_ID = LONGEST_ID - LONGEST_CODE - len(SEPARATOR)
LONGEST_VERSION = 64
#: As many as anybody holds licences of.
MOST_BACKGROUNDS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def is_background_id(text: str) -> bool:
    """Tell whether a text may name a background."""
    return len(text) <= LONGEST_BACKGROUND_ID and _NAME.fullmatch(text) is not None


def is_background_version(text: str) -> bool:
    """Tell whether a text may name a version of a background."""
    return len(text) <= LONGEST_VERSION and _NAME.fullmatch(text) is not None


def read_backgrounds(json: JsonReader) -> Iterator[BackgroundReference]:
    """Read `backgrounds`."""
    for each in json.objects("backgrounds", ("id", "version"), MOST_BACKGROUNDS):
        id_, version = each.identifier("id"), each.identifier("version")
        if id_ and not is_background_id(id_):
            each.violations.add(UnfitBackgroundId(each.at("id"), id_, LONGEST_BACKGROUND_ID))
        elif version and not is_background_version(version):
            each.violations.add(UnfitBackgroundId(each.at("version"), version, LONGEST_VERSION))
        elif id_ and version:
            yield BackgroundReference(id_, version)


def split_item(item_id: str) -> tuple[str, str]:
    """Return the background and the code that an input is named by; both empty if it is none."""
    background, separator, code = item_id.partition(SEPARATOR)
    return (background, code) if separator else ("", "")
