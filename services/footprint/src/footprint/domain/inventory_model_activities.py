"""Reading the activities of an inventory model, and whether they make a square system."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chassis.errors import Location
from footprint.domain.errors import MissingField
from footprint.domain.inventory_model import Activity, Direction, Exchange
from footprint.domain.inventory_model_amounts import UNKNOWN, Scope, read_amount, read_name
from footprint.domain.inventory_model_errors import (
    OutOfPlace,
    ProductOfSeveral,
    ProductWithoutActivity,
)
from footprint.domain.json_reader import JsonReader

ACTIVITY_FIELDS = (
    "id",
    "name",
    "product",
    "stage",
    "supplier",
    "site",
    "province",
    "background",
    "outputs",
    "inputs",
    "emissions",
)
MOST_ACTIVITIES, MOST_EXCHANGES = 100_000, 10_000

_ALWAYS = (
    "what an activity is there for is exchanged whatever is chosen",
    "活动的参考产品不取决于任何选择项",
)


def read_activities(reader: JsonReader, scope: Scope) -> tuple[Activity, ...]:
    """Read `activities`; exchanges without an id get one that no other has."""
    if not reader.values.get("activities"):
        reader.violations.add(MissingField(location=reader.at("activities")))
    found = []
    paths: list[list[str]] = []
    for activity in reader.objects("activities", ACTIVITY_FIELDS, MOST_ACTIVITIES):
        id_ = scope.declare("activity", activity)
        product = scope.resolve("product", activity)
        exchanges = list(_read_exchanges(activity, id_, product, scope))
        paths.append([path for path, _ in exchanges])
        found.append(
            Activity(
                id=id_,
                name=read_name(activity),
                product=product,
                stage=activity.identifier("stage", required=False) or "",
                supplier=activity.identifier("supplier", required=False) or "",
                site=activity.identifier("site", required=False) or "",
                province=activity.identifier("province", required=False) or "",
                background=activity.boolean("background"),
                exchanges=tuple(exchange for _, exchange in exchanges),
            )
        )
    _check_square(found, scope)
    return tuple(_with_ids(found, paths, scope))


def _read_exchanges(
    activity: JsonReader, activity_id: str, product: str, scope: Scope
) -> Iterator[tuple[str, Exchange]]:
    for direction in Direction:
        thing = "flow" if direction is Direction.EMISSION else "product"
        fields = (
            "id",
            thing,
            "amount",
            "formula",
            "uncertainty",
            "when",
            "source",
            "confidence",
            "note",
        )
        for reader in activity.objects(direction, fields, MOST_EXCHANGES):
            exchange = Exchange(
                id=scope.declare("exchange", reader, required=False),
                activity=activity_id,
                direction=direction,
                item=scope.resolve(thing, reader),
                amount=read_amount(reader, scope) or UNKNOWN,
                when=_read_when(reader, scope),
                source=scope.resolve("source", reader, required=False),
                confidence=reader.identifier("confidence", required=False) or "",
                note=reader.text("note", required=False) or "",
            )
            if exchange.when and thing == "product" and exchange.item == product:
                at = reader.at("when")
                reader.violations.add(OutOfPlace(at, *_ALWAYS))
            yield reader.path, exchange


def _read_when(reader: JsonReader, scope: Scope) -> tuple[str, str] | None:
    when = reader.object("when", ("choice", "option"))
    if when is None:
        return None
    choice = scope.resolve("choice", when)
    return choice, scope.option(choice, when)


def _check_square(activities: Sequence[Activity], scope: Scope) -> None:
    """Note products that are the reference of none or of several activities.

    There are then as many products as activities, each activity having one.
    """
    makers: dict[str, list[str]] = defaultdict(list)
    for activity in activities:
        makers[activity.product].append(activity.id)
    for product, path in scope.places["product"].items():
        names = tuple(makers.get(product, ()))
        if not names:
            scope.violations.add(ProductWithoutActivity(Location(field=path), product))
        elif len(names) > 1:
            scope.violations.add(ProductOfSeveral(Location(field=path), product, names))


def _with_ids(
    activities: Sequence[Activity], paths: Sequence[Sequence[str]], scope: Scope
) -> Iterator[Activity]:
    """Name the exchanges that have no id by activity and item, counted from the second one."""
    taken = scope.places["exchange"]
    counts: dict[str, int] = defaultdict(int)
    for activity, places in zip(activities, paths, strict=True):
        exchanges = []
        for exchange, path in zip(activity.exchanges, places, strict=True):
            name = exchange.id
            base = f"{exchange.activity}.{exchange.item}"
            while not name or (not exchange.id and name in taken):
                counts[base] += 1
                name = base if counts[base] == 1 else f"{base}.{counts[base]}"
            taken.setdefault(name, path)
            exchanges.append(exchange if exchange.id else replace(exchange, id=name))
        yield replace(activity, exchanges=tuple(exchanges))
