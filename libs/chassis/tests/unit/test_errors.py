import pickle
from dataclasses import dataclass

import pytest

from chassis.errors import GreenchainError, InvalidInput, Kind, Location, NotFound, Violation


@dataclass(eq=False)
class NegativeAmount(Violation):
    code = "test.amount.negative"
    en = "amount {amount} is negative"
    zh = "数量 {amount} 为负数"

    amount: float


@dataclass(eq=False)
class Singular(GreenchainError):
    code = "test.singular"
    en = "Activities {activities} have no solution at {location}."
    zh = "{location}：活动 {activities} 无解。"

    activities: tuple[str, ...]
    location: Location


@pytest.mark.parametrize("missing", ["code", "en", "zh"])
def test_a_concrete_error_needs_code_and_both_texts(missing: str) -> None:
    body = {"code": "a.b.c", "en": "text", "zh": "文本"}
    del body[missing]
    with pytest.raises(TypeError, match=missing):
        type("Incomplete", (GreenchainError,), body)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_text_may_only_use_the_errors_own_fields(language: str) -> None:
    body = {"code": "a.b.c", "en": "text", "zh": "文本", language: "row {rwo}"}
    body["__annotations__"] = {"row": int}  # type: ignore[assignment]
    with pytest.raises(TypeError, match="rwo"):
        type("Misspelt", (GreenchainError,), body)


def test_an_abstract_base_needs_no_text() -> None:
    class Family(GreenchainError, abstract=True):
        pass

    assert not hasattr(Family, "code")


def test_names_are_listed_as_a_reader_expects_in_both_languages() -> None:
    error = Singular(activities=("a", "b"), location=Location("amount", row=4, id="lfp.04"))
    assert error.message("en") == (
        "Activities a, b have no solution at row 4 (line lfp.04), field amount."
    )
    assert error.message("zh") == "第 4 行（lfp.04），字段 amount：活动 a、b 无解。"


def test_invalid_input_lists_every_violation_with_its_place() -> None:
    error = InvalidInput(
        violations=(
            NegativeAmount(location=Location("amount", row=2, id="x.2"), amount=-1.0),
            NegativeAmount(location=Location("amount", row=7), amount=-2.5),
        )
    )
    assert error.message("en").splitlines()[1:] == [
        "- row 2 (line x.2), field amount: amount -1.0 is negative",
        "- row 7, field amount: amount -2.5 is negative",
    ]
    assert error.message("zh").splitlines()[2] == "- 第 7 行，字段 amount：数量 -2.5 为负数"


def test_an_error_survives_the_way_out_of_a_worker_process() -> None:
    sent = NotFound(what="footprint", id="f-1")
    received = pickle.loads(pickle.dumps(sent))
    assert isinstance(received, NotFound)
    assert received.attributes() == {"what": "footprint", "id": "f-1"}


def test_str_is_the_english_text_and_kind_is_inherited() -> None:
    assert str(NotFound(what="record", id="r-1")) == (
        "There is no record r-1 that you may see. Check the id, and whose identity you use."
    )
    assert NotFound.kind is Kind.NOT_FOUND
    assert NegativeAmount.kind is Kind.INVALID


@pytest.mark.parametrize(
    ("location", "en", "zh"),
    [
        (
            Location("amount", 4, "b.4"),
            "row 4 (line b.4), field amount",
            "第 4 行（b.4），字段 amount",
        ),
        (
            Location("region", 2, table="sites"),
            "sites row 2, field region",
            "sites 第 2 行，字段 region",
        ),
        (
            Location("amount", 3, "b.3", "bom.csv", 5),
            "bom.csv line 5 (row 3, b.3), field amount",
            "bom.csv 第 5 行（数据行 3，b.3），字段 amount",
        ),
        (
            Location("unit", table="bom.csv", line=1),
            "bom.csv line 1, field unit",
            "bom.csv 第 1 行，字段 unit",
        ),
        (Location("", table="bom.csv"), "bom.csv", "bom.csv"),
    ],
)
def test_a_place_is_said_with_its_file_and_line_where_they_are_known(
    location: Location, en: str, zh: str
) -> None:
    assert (location.text("en"), location.text("zh")) == (en, zh)


@pytest.mark.parametrize(
    ("line", "en", "zh"),
    [
        (None, "m.json, field a[2].amount (cell)", "m.json，字段 a[2].amount（cell）"),
        (7, "m.json line 7, field a[2].amount (cell)", "m.json 第 7 行，字段 a[2].amount（cell）"),
    ],
)
def test_a_path_is_told_with_whose_it_is(line: int | None, en: str, zh: str) -> None:
    place = Location("a[2].amount", id="cell", table="m.json", line=line)
    assert (place.text("en"), place.text("zh")) == (en, zh)
