"""EcoSpold2 files as ecoinvent has them: child datasets of a system model, made up."""

from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr


def uuid(name: str) -> str:
    """Return an identifier that is always the same for a name."""
    return str(uuid5(NAMESPACE_URL, f"https://example.org/{name}"))


@dataclass(frozen=True)
class Input:
    """An intermediate exchange from the activity that has `of` as its product."""

    of: str
    amount: float
    unit: str = "kg"
    is_linked: bool = True


@dataclass(frozen=True)
class Emission:
    """An elementary exchange."""

    name: str
    amount: float
    compartment: tuple[str, str] = ("air", "unspecified")
    cas: str = ""
    unit: str = "kg"


@dataclass(frozen=True)
class Spold:
    """An activity with one product; waste that it treats has an amount of -1."""

    product: str
    inputs: tuple[Input, ...] = ()
    emissions: tuple[Emission, ...] = ()
    amount: float = 1.0
    unit: str = "kg"
    location: str = "CN"
    by_product: str = ""
    by_product_amount: float = 0.0


def write_spold_files(folder: Path, *datasets: Spold) -> Path:
    """Write a file each, named as ecoinvent names them."""
    for each in datasets:
        name = f"{uuid(f'{each.product} activity')}_{uuid(each.product)}.spold"
        (folder / name).write_text(_document(each), encoding="utf-8")
    return folder


def _document(spold: Spold) -> str:
    exchanges = [_reference(spold), *map(_input, spold.inputs), *map(_emission, spold.emissions)]
    if spold.by_product:
        exchanges.append(
            _intermediate(spold.by_product, spold.by_product_amount, "kg", "", "<outputGroup>2")
        )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02">
  <childActivityDataset>
    <activityDescription>
      <activity id="{uuid(f"{spold.product} activity")}" activityNameId="{uuid("name")}"
        inheritanceDepth="0" type="1" specialActivityType="0" energyValues="0">
        <activityName xml:lang="en">{escape(spold.product)} production</activityName>
        <generalComment><text xml:lang="en" index="1">Made up.</text></generalComment>
      </activity>
      <classification classificationId="{uuid("isic")}">
        <classificationSystem xml:lang="en">ISIC rev.4 ecoinvent</classificationSystem>
        <classificationValue xml:lang="en">2410:Manufacture of basic iron</classificationValue>
      </classification>
      <geography geographyId="{uuid("place")}">
        <shortname xml:lang="en">{spold.location}</shortname>
      </geography>
      <technology technologyLevel="3" />
      <timePeriod startDate="2015-01-01" endDate="2023-12-31" isDataValidForEntirePeriod="true" />
      <macroEconomicScenario macroEconomicScenarioId="{uuid("scenario")}">
        <name xml:lang="en">Business-as-Usual</name>
      </macroEconomicScenario>
    </activityDescription>
    <flowData>
{"".join(exchanges)}    </flowData>
    <modellingAndValidation>
      <representativeness systemModelId="{uuid("model")}">
        <systemModelName xml:lang="en">Allocation, cut-off by classification</systemModelName>
      </representativeness>
    </modellingAndValidation>
    <administrativeInformation>
      <dataEntryBy personId="{uuid("nobody")}" personName="Nobody" personEmail="n@example.org" />
      <dataGeneratorAndPublication personId="{uuid("nobody")}" personName="Nobody"
        personEmail="n@example.org" dataPublishedIn="0" isCopyrightProtected="false" />
    </administrativeInformation>
  </childActivityDataset>
</ecoSpold>
"""


def _reference(spold: Spold) -> str:
    return _intermediate(spold.product, spold.amount, spold.unit, "", "<outputGroup>0")


def _input(exchange: Input) -> str:
    link = uuid(f"{exchange.of} activity")
    linked = f' activityLinkId="{link}"' if exchange.is_linked else ""
    return _intermediate(exchange.of, exchange.amount, exchange.unit, linked, "<inputGroup>5")


def _intermediate(product: str, amount: float, unit: str, link: str, group: str) -> str:
    closing = f"</{group[1:-2]}>"
    return f"""      <intermediateExchange id="{uuid(f"{product} {group}")}" unitId="{uuid(unit)}"
        amount="{amount!r}" intermediateExchangeId="{uuid(product)}"{link}>
        <name xml:lang="en">{escape(product)}</name>
        <unitName xml:lang="en">{unit}</unitName>
        <uncertainty>
          <lognormal meanValue="1" mu="0" variance="0.01" varianceWithPedigreeUncertainty="0.02" />
        </uncertainty>
        {group}{closing}
      </intermediateExchange>
"""


def _emission(exchange: Emission) -> str:
    top, below = exchange.compartment
    cas = f" casNumber={quoteattr(exchange.cas)}" if exchange.cas else ""
    key = uuid(f"{exchange.name} {exchange.compartment}")
    group = "inputGroup" if top == "natural resource" else "outputGroup"
    return f"""      <elementaryExchange id="{uuid(exchange.name)}" unitId="{uuid(exchange.unit)}"
        amount="{exchange.amount!r}" elementaryExchangeId="{key}"{cas}>
        <name xml:lang="en">{escape(exchange.name)}</name>
        <unitName xml:lang="en">{exchange.unit}</unitName>
        <compartment subcompartmentId="{uuid(f"{top}/{below}")}">
          <compartment xml:lang="en">{top}</compartment>
          <subcompartment xml:lang="en">{below}</subcompartment>
        </compartment>
        <{group}>4</{group}>
      </elementaryExchange>
"""
