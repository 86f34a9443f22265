"""Checks of a dataset beyond the single row: whether its rows hold together."""

from collections import Counter
from collections.abc import Iterator

from footprint.domain.dataset import ActivityKind, Dataset
from footprint.domain.dataset_balances import check_balances
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.dataset_electricity import FOSSIL, check_electricity
from footprint.domain.dataset_file_errors import NoFossilFactor
from footprint.domain.dataset_findings import (
    AggregateCounted,
    CoverageMissing,
    Finding,
    MissingFactor,
    TooManyCited,
)
from footprint.domain.rows import RowReader, Violations

#: A report of which single amounts are cited as facts, and how many of them may be.
CITED_REPORT, MOST_CITED = "pvps_t12_19", 100
#: How many activities a finding names as examples.
_EXAMPLES = 3


def check_dataset(dataset: Dataset, document: DatasetDocument) -> tuple[Finding, ...]:
    """Return all findings, errors first.

    Parameters
    ----------
    document
        The files that the dataset was read from, for the places.

    Raises
    ------
    InvalidInput
        With rows of the optional tables that cannot be read.
    """
    _read_optional_tables(dataset, document)
    found = [
        *check_balances(dataset, document),
        *_check_factors(dataset, document),
        *_check_coverage(dataset, document),
        *check_electricity(dataset, document),
        *_check_cited(document),
    ]
    return tuple(sorted(found, key=lambda each: not each.is_error))


def _check_factors(dataset: Dataset, document: DatasetDocument) -> Iterator[Finding]:
    """Find greenhouse gases that a climate method forgets, and totals that it must not count."""
    climate = [method.id for method in dataset.methods.values() if method.is_climate]
    counted = {flow: None for method_id in climate for flow in dataset.factors[method_id]}
    for method_id in climate:
        for flow_id in counted:
            has = flow_id in dataset.factors[method_id]
            place = document.at("characterization", "factor", method_id, flow_id)
            if flow_id == dataset.aggregated_flow:
                if has and "gwp100" not in method_id:
                    yield AggregateCounted(place, method_id, flow_id)
            elif not has:
                yield MissingFactor(place, method_id, flow_id)


def _check_coverage(dataset: Dataset, document: DatasetDocument) -> Iterator[Finding]:
    activities = [
        activity.id
        for activity in dataset.activities.values()
        if activity.kind is not ActivityKind.MARKET_REFERENCE
    ]
    for method in dataset.methods.values():
        if method.is_climate:
            continue
        known = dataset.coverage.get(method.id, {})
        missing = [id_ for id_ in activities if id_ not in known]
        if missing:
            place = document.at("coverage", "activity_id")
            examples = tuple(missing[:_EXAMPLES])
            yield CoverageMissing(place, method.id, len(missing), len(activities), examples)


def _check_cited(document: DatasetDocument) -> Iterator[Finding]:
    cited = Counter(row["source_id"] for row in document.rows("exchanges"))
    of_report = {id_: count for id_, count in cited.items() if CITED_REPORT in id_}
    if sum(of_report.values()) > MOST_CITED:
        id_ = max(of_report, key=of_report.__getitem__)
        place = document.at("sources", "id", id_)
        yield TooManyCited(place, id_, sum(of_report.values()), MOST_CITED)


def _read_optional_tables(dataset: Dataset, document: DatasetDocument) -> None:
    """Refuse rows of the optional tables that say nothing or link nowhere."""
    violations = Violations()
    sources = tuple(document.keyed("sources"))
    for number, row in enumerate(document.rows("electricity_direct_factors"), start=1):
        id_, table = f"{row.get('year')}/{row.get('region')}", "electricity_direct_factors.csv"
        reader = RowReader(row, violations, row=number, id=id_, table=table)
        reader.finite("year")
        if reader.not_negative("value") == 0.0 and row.get("region") == FOSSIL:
            violations.add(NoFossilFactor(reader.at("value"), row["year"]))
        for name in ("region", "unit", "source_locator", "confidence"):
            reader.text(name)
        reader.one_of("source_id", sources)
    for number, row in enumerate(document.rows("balance_notes"), start=1):
        id_ = f"{row.get('activity_id')}/{row.get('element')}"
        reader = RowReader(row, violations, row=number, id=id_, table="balance_notes.csv")
        for name in ("element", "reason_en", "reason_zh"):
            reader.text(name)
        activity = reader.identifier("activity_id")
        if activity and activity not in dataset.activities:
            at, suggest = reader.at("activity_id"), violations.may_suggest()
            violations.add(dataset.unlinked(at, activity, suggest=suggest))
    violations.raise_if_any()
