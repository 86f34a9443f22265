"""Whether a record stands, in words: the first thing that a reader of it is told.

A signature that verifies says that a document is genuine; it never says that the record is valid.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from certification.domain.record import Flag, FlagCode
from certification.domain.states import FINAL, STATE_WORDS, State, Words

FLAG_WORDS: Mapping[FlagCode, Words] = MappingProxyType(
    {
        FlagCode.FOOTPRINT_STALE: Words(
            "An input of its footprint was corrected after the footprint was frozen.",
            "其产品碳足迹的某项输入在冻结后被更正。",
        ),
        FlagCode.FOOTPRINT_DEPRECATED: Words(
            "Its footprint was replaced by a newer one.", "其产品碳足迹已被更新的版本替代。"
        ),
    }
)


def in_force(state: State, valid_until: datetime, now: datetime) -> bool:
    """Tell whether the record is issued and within its validity. Flags are told apart."""
    return state is State.ISSUED and now < valid_until


def standing(state: State, valid_until: datetime, flags: tuple[Flag, ...], now: datetime) -> Words:
    """Say in words where an issued record stands now: state, validity, then flags."""
    sentences = [STATE_WORDS[state]]
    day = valid_until.date().isoformat()
    if in_force(state, valid_until, now):
        sentences.append(Words(f"In force until {day} (UTC).", f"有效期至 {day}（UTC）。"))
    elif state not in FINAL and now >= valid_until:
        # Also of a suspended one, which would otherwise seem to come back into force.
        sentences.append(
            Words(
                f"Its validity ended on {day} (UTC): not valid.",
                f"有效期已于 {day}（UTC）届满：本记录无效。",
            )
        )
    for flag in flags:
        since = flag.since.date().isoformat()
        words = FLAG_WORDS[flag.code]
        sentences.append(
            Words(f"Flagged on {since}: {words.en}", f"{since} 起带有标记：{words.zh}")
        )
    return Words(
        " ".join(sentence.en for sentence in sentences),
        "".join(sentence.zh for sentence in sentences),
    )
