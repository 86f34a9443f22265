"""The page on the dataset: tables, keys and findings are those of the code."""

import re

from tests.docs.markdown import document, marked_table, tables

from footprint.domain.dataset_document import KEYS, OPTIONAL_COLUMNS
from footprint.domain.dataset_findings import Finding

PAGE = document("docs/dataset.md")


def test_every_finding_is_listed_with_its_kind() -> None:
    def below(kind: type[Finding]) -> set[type[Finding]]:
        return {kind, *(one for each in kind.__subclasses__() for one in below(each))}

    defined = {
        (each.code, "error" if each.is_error else "warning") for each in below(Finding) - {Finding}
    }
    listed = [(row[0].strip("`"), row[1]) for row in marked_table(PAGE, "check: dataset-findings ")]
    assert set(listed) == defined
    assert len(listed) == len(defined)


def test_every_table_is_listed_with_its_key() -> None:
    (rows,) = (rows for header, rows in tables(PAGE) if header[1] == "a row is named by")
    listed: dict[str, tuple[str, ...]] = {}
    optional = set()
    for names, key in rows:
        for name in re.findall(r"`(\w+)\.csv`", names):
            listed[name] = tuple(re.findall(r"`(\w+)`", key))
            if "may be missing" in key:
                optional.add(name)
    assert listed == dict(KEYS)
    assert optional == set(OPTIONAL_COLUMNS)
