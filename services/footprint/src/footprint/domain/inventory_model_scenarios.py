"""Reading the scenarios of an inventory model: sets of changes, by the ids of what they change."""

from collections.abc import Mapping

from footprint.domain.formula import Formula
from footprint.domain.inventory_model import (
    Amount,
    Direction,
    Exchange,
    ExchangeChange,
    InventoryModel,
    Scenario,
)
from footprint.domain.inventory_model_amounts import (
    UNKNOWN,
    Scope,
    read_amount,
    read_name,
    read_uncertainty,
)
from footprint.domain.inventory_model_errors import OutOfPlace, TakenPlace
from footprint.domain.inventory_model_values import check_values
from footprint.domain.json_reader import JsonReader

MOST_SCENARIOS, MOST_CHANGES = 10_000, 1_000
#: Scenarios times what each has looked at: activities, and steps of formulas, ten times as slow.
MOST_WORK, STEP = 100_000_000, 10
#: What a change may name, with the fields that may stand beside it.
CHANGE_FIELDS = {
    "parameter": ("amount", "uncertainty"),
    "choice": ("option",),
    "exchange": ("amount", "formula", "uncertainty", "product"),
}

_INPUTS_ALONE = (
    "only an input can be taken from another product",
    "只有投入可以改为另一产品",
)
_ALWAYS = (
    "an input that depends on a choice cannot be of what its activity is there for",
    "取决于选择项的投入不能改为该活动的参考产品",
)


def read_scenarios(reader: JsonReader, model: InventoryModel, scope: Scope) -> tuple[Scenario, ...]:
    """Read `scenarios` and check what each makes of the model."""
    exchanges = {exchange.id: exchange for exchange in model.exchanges()}
    references = {activity.id: activity.product for activity in model.activities}
    positions = {activity.id: place for place, activity in enumerate(model.activities)}
    steps = sum(_steps(parameter.amount) for parameter in model.parameters)
    computed = set()
    for exchange in exchanges.values():
        if isinstance(exchange.amount.given, Formula):
            steps += _steps(exchange.amount)
            computed.add(positions[exchange.activity])
    most = MOST_WORK // (len(model.activities) + STEP * steps)
    fields = ("id", "name", "changes")
    found = []
    for entry in reader.objects("scenarios", fields, min(most, MOST_SCENARIOS)):
        before = len(scope.violations.found)
        scenario = _read_scenario(entry, exchanges, references, scope)
        found.append(scenario)
        if len(scope.violations.found) == before:
            changed = {positions[change.activity] for change in scenario.exchanges.values()}
            changed |= computed if scenario.parameters else set()
            check_values(model.under(scenario), sorted(changed), scope, entry.path)
    return tuple(found)


def _steps(amount: Amount) -> int:
    return len(amount.given.steps) if isinstance(amount.given, Formula) else 0


def _read_scenario(
    reader: JsonReader,
    exchanges: Mapping[str, Exchange],
    references: Mapping[str, str],
    scope: Scope,
) -> Scenario:
    scenario_id = scope.declare("scenario", reader)
    parameters: dict[str, Amount] = {}
    choices: dict[str, str] = {}
    changed: dict[str, ExchangeChange] = {}
    places: dict[tuple[str, str], str] = {}
    all_fields = (*CHANGE_FIELDS, "amount", "formula", "uncertainty", "option", "product")
    for change in reader.objects("changes", all_fields, MOST_CHANGES):
        thing = change.one_field(*CHANGE_FIELDS)
        if thing is None:
            continue
        change.refuse_unknown((thing, *CHANGE_FIELDS[thing]))
        id_ = scope.resolve(thing, change)
        if (thing, id_) in places:
            at, first = change.at(thing), places[thing, id_]
            change.violations.add(TakenPlace(location=at, value=id_, first=first))
        if not id_:
            continue
        places.setdefault((thing, id_), change.path)
        if thing == "parameter":
            amount = change.number("amount")
            uncertainty = read_uncertainty(change, amount, of_parameter=True)
            parameters[id_] = UNKNOWN if amount is None else Amount(amount, uncertainty)
        elif thing == "choice":
            choices[id_] = scope.option(id_, change)
        else:
            product = references[exchanges[id_].activity]
            changed[id_] = _read_exchange_change(change, exchanges[id_], product, scope)
    return Scenario(scenario_id, read_name(reader), parameters, choices, changed)


def _read_exchange_change(
    reader: JsonReader, exchange: Exchange, reference: str, scope: Scope
) -> ExchangeChange:
    product = None
    if reader.values.get("product") is not None:
        product = scope.resolve("product", reader)
        if exchange.direction is not Direction.INPUT:
            reader.violations.add(OutOfPlace(reader.at("product"), *_INPUTS_ALONE))
        elif exchange.when and product == reference:
            reader.violations.add(OutOfPlace(reader.at("product"), *_ALWAYS))
    amount = None
    kept = product is not None and not {"amount", "formula", "uncertainty"} & reader.values.keys()
    if not kept:
        amount = read_amount(reader, scope)
    return ExchangeChange(exchange.activity, amount, product)
