"""A background of one's own: a licensed or private inventory beside the dataset.

What a product buys from it enters the dataset as a published total by flows: the cradle-to-gate
inventory of one unit. So whatever links, explains or characterizes needs no second way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from footprint.domain.dataset import (
    Activity,
    ActivityKind,
    Confidence,
    Dataset,
    Exchange,
    ExchangeKind,
    Source,
    Support,
    Uncertainty,
)

#: Stands between the id of a background and the code of an activity of it.
SEPARATOR = ":"
#: Nothing is known of how the activities of a background were rated: the middle of the scale.
_UNRATED = (3, 3, 3, 3, 3)


@dataclass(frozen=True, slots=True)
class BackgroundReference:
    """A version of a background that a product names."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class BackgroundActivity:
    """What a background says of one activity.

    Attributes
    ----------
    unit
        Of the reference product, by its name on the platform.
    inventory
        What one unit causes, cradle to gate, by flow of the dataset [unit of the flow / unit].
    name_zh
        Empty where the background has no Chinese name.
    """

    code: str
    name: str
    reference_product: str
    unit: str
    location: str
    inventory: Mapping[str, float]
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class Background:
    """The activities of a background that a product buys from.

    Attributes
    ----------
    licence
        Under which terms its owner has it.
    year
        That its activities stand for.
    """

    id: str
    version: str
    sha256: str
    title: str
    licence: str
    year: int
    activities: tuple[BackgroundActivity, ...]


def item_id(background_id: str, code: str) -> str:
    """Return the id by which a bill of materials names an activity of a background."""
    return f"{background_id}{SEPARATOR}{code}"


def extended(dataset: Dataset, background: Background) -> Dataset:
    """Return the dataset with the activities of a background as published totals."""
    activities, exchanges, rows = (
        dict(dataset.activities),
        dict(dataset.exchanges),
        dict(dataset.rows),
    )
    for each in background.activities:
        id_ = item_id(background.id, each.code)
        source = Source(
            title=f"{background.title} {background.version}",
            locator=each.code,
            doi_or_url="",
            licence=background.licence,
            year=background.year,
        )
        activities[id_] = Activity(
            id=id_,
            name_en=each.name,
            name_zh=each.name_zh or each.name,
            reference_product=each.reference_product,
            unit=each.unit,
            location=each.location,
            kind=ActivityKind.SYSTEM_PROCESS,
            sector="background",
            valid_year=background.year,
            source=source,
            technology_comment="",
            pedigree=_UNRATED,
            confidence=Confidence.COMPUTED,
        )
        exchanges[id_] = tuple(
            Exchange(
                line_id=f"{id_}.{flow}",
                activity_id=id_,
                kind=ExchangeKind.ELEMENTARY,
                input_id=flow,
                amount=amount,
                unit=dataset.flows[flow].unit,
                uncertainty=Uncertainty("none"),
                source=source,
                confidence=Confidence.COMPUTED,
            )
            for flow, amount in each.inventory.items()
        )
        rows |= {exchange.line_id: exchange for exchange in exchanges[id_]}
    coverage = {
        method_id: {
            **dataset.coverage.get(method_id, {}),
            **{
                item_id(background.id, each.code): _support(each, factors)
                for each in background.activities
            },
        }
        for method_id, factors in dataset.factors.items()
    }
    return replace(
        dataset, activities=activities, exchanges=exchanges, rows=rows, coverage=coverage
    )


def _support(activity: BackgroundActivity, factors: Mapping[str, object]) -> Support:
    """Tell whether a method counts any flow of an activity: how completely is not known."""
    return Support.NONE if factors.keys().isdisjoint(activity.inventory) else Support.PARTIAL
