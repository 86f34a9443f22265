"""Lines of values in a JSON file."""

import pytest

from greenchain_cli.json_places import line_of, lines_by_path

TEXT = """{
  "id": "a, \\"b\\" [c]: {d}",
  "activities": [
    {"id": "x"},
    {
      "id": "y", "empty": {}, "none": [],
      "inputs": [{"product": "p"}, {
        "product":
          "q",
        "amount": -1.5e3}]
    }
  ],
  "demand": {"product": "x", "amount": null}
}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("id", 2),
        ("activities", 3),
        ("activities[0]", 4),
        ("activities[0].id", 4),
        ("activities[1]", 5),
        ("activities[1].empty", 6),
        ("activities[1].inputs[1]", 7),
        ("activities[1].inputs[1].product", 8),
        ("activities[1].inputs[1].amount", 10),
        ("demand.amount", 13),
    ],
)
def test_a_value_is_found_on_its_line(path: str, line: int) -> None:
    assert line_of(path, lines_by_path(TEXT)) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("activities[1].inputs[1].unit", 7),
        ("activities[1].inputs[5].unit", 7),
        ("demand.unit", 13),
        ("scenarios", None),
        ("", None),
    ],
)
def test_what_is_absent_is_looked_for_where_it_should_stand(path: str, line: int | None) -> None:
    assert line_of(path, lines_by_path(TEXT)) == line
