"""Four questions that readers ask, answered from the model."""

from dataclasses import dataclass
from itertools import product as combinations

from footprint.domain.dataset import Exchange
from tools.validation.cases import Case
from tools.validation.draws import Draws
from tools.validation.markdown import both, number, signed, table
from tools.validation.published import Published, Words
from tools.validation.results import Result, Results
from tools.validation.texts import Texts, paragraphs

LFP, NMC = "lfp_battery_pack", "nmc811_battery_pack"
TOPCON, PERC = "pv_module_topcon_mono", "pv_module_perc_mono"
NATION, OFFICIAL, NEXT = (
    "electricity_cn_2023",
    "electricity_cn_2023_official",
    "electricity_cn_2024",
)


@dataclass(frozen=True)
class Questions:
    """The questions, each a list of lines of Markdown."""

    results: Results
    values: list[Published]
    texts: Texts
    draws: Draws

    def gate(self, product: str, place: str = "CN", **options: str) -> Result:
        chosen = tuple(options.items())
        return self.results[Case(product, "cradle_to_gate", place, chosen)]

    def row(self, line_id: str) -> Exchange:
        return self.results.dataset.rows[line_id]

    def over_row(self, result: Result, line_id: str) -> tuple[float, float, float]:
        """Return what a row causes, and the totals at its bounds [kg CO2e / declared unit]."""
        row = self.row(line_id)
        found = [link for link in result.system.links if link.line_id == line_id]
        # Each instance of the activity has a link of its own from the same row.
        per_amount = sum(
            result.inside[link.consumer] * result.solution.unit_scores[link.supplier]
            for link in found
        )
        low, high = row.uncertainty.minimum, row.uncertainty.maximum
        if low is None or high is None:
            raise ValueError(f"{line_id} has no bounds")
        return (
            per_amount * row.amount,
            result.total + per_amount * (low - row.amount),
            result.total + per_amount * (high - row.amount),
        )

    # -------------------------------------------------------------------------- the order

    def order(self) -> list[str]:
        lfp, nmc = self.gate(LFP), self.gate(NMC)
        above, pairs = self._pairs()
        kiln = self.row("lfp_cathode.03")
        _, low, high = self.over_row(lfp, "lfp_cathode.03")
        cathodes = [lfp.through("lfp_cathode"), nmc.through("nmc811_cathode")]
        masses = [
            result.inside[index]
            for result, name in ((lfp, "lfp_cathode"), (nmc, "nmc811_cathode"))
            for index, process in enumerate(result.system.processes)
            if process.activity_id == name
        ]
        below = lfp.total < nmc.total
        decides = not (low < nmc.total < high)
        text = self.texts.say(
            "q_order",
            lfp=number(lfp.total),
            nmc=number(nmc.total),
            position="below" if below else "above",
            position_zh="低于" if below else "高于",
            gap=number(abs(lfp.total - nmc.total)),
            lfp_mass=number(masses[0]),
            nmc_mass=number(masses[1]),
            lfp_score=number(cathodes[0] / masses[0]),
            nmc_score=number(cathodes[1] / masses[1]),
            lfp_cathode=number(cathodes[0]),
            nmc_cathode=number(cathodes[1]),
            kiln=number(kiln.amount),
            kiln_low=number(kiln.uncertainty.minimum),
            kiln_high=number(kiln.uncertainty.maximum),
            lfp_low=number(low),
            lfp_high=number(high),
            decides="not change" if decides else "change",
            decides_zh="不会" if decides else "会",
            rest=signed((lfp.total - cathodes[0]) - (nmc.total - cathodes[1])),
            pairs=pairs,
            above=above,
        )
        return [*paragraphs(text), *self._inputs(lfp, nmc)]

    def _pairs(self) -> tuple[int, int]:
        """Count combinations of routes with LFP above NMC811, and all; graphite is the same."""
        found = {product: self._options(product) for product in (LFP, NMC)}
        above = pairs = 0
        for graphite, lithium, hydroxide, nickel in combinations(
            found[LFP]["anode_graphite_synthetic"],
            found[LFP]["lithium_carbonate"],
            found[NMC]["lithium_hydroxide"],
            found[NMC]["nickel_sulfate"],
        ):
            lfp = self.gate(LFP, anode_graphite_synthetic=graphite, lithium_carbonate=lithium)
            nmc = self.gate(
                NMC,
                anode_graphite_synthetic=graphite,
                lithium_hydroxide=hydroxide,
                nickel_sulfate=nickel,
            )
            above += lfp.total > nmc.total
            pairs += 1
        return above, pairs

    def _options(self, product: str) -> dict[str, list[str]]:
        choices = self.results.model(Case(product)).choices
        return {choice.id: list(choice.probabilities) for choice in choices}

    def _inputs(self, lfp: Result, nmc: Result) -> list[str]:
        groups = {"lfp_cathode": "cathode", "nmc811_cathode": "cathode"}
        names = {"cathode": Words("cathode material", "正极材料")}
        both_bought: dict[str, list[float]] = {}
        for column, result in enumerate((lfp, nmc)):
            for name, value in result.bought().items():
                group = groups.get(name, name)
                activity = self.results.dataset.activities[name]
                names.setdefault(group, Words(activity.name_en, activity.name_zh))
                both_bought.setdefault(group, [0.0, 0.0])[column] += value
        rows = [
            [both(names[group]), number(first), number(second), signed(first - second)]
            for group, (first, second) in sorted(
                both_bought.items(), key=lambda item: item[1][0] - item[1][1]
            )
        ]
        difference = signed(lfp.total - nmc.total)
        rows.append(["**sum 合计**", number(lfp.total), number(nmc.total), difference])
        head = self.texts.heads("order")
        return table(head, rows, "l")

    # --------------------------------------------------------------------------- the ingot

    def ingot(self) -> list[str]:
        row = self.row("cz_ingot.02")
        numbers: dict[str, object] = {
            "ingot": number(row.amount),
            "ingot_low": number(row.uncertainty.minimum),
            "ingot_high": number(row.uncertainty.maximum),
        }
        for name, product in (("topcon", TOPCON), ("perc", PERC)):
            result = self.gate(product, "template")
            kg, low, high = self.over_row(result, row.line_id)
            numbers |= {
                f"{name}_kg": number(kg),
                f"{name}_share": number(100.0 * kg / result.total),
                f"{name}_low": number(low),
                f"{name}_high": number(high),
            }
            case = Case(product, "cradle_to_gate", "template")
            lowest, _, highest = self.draws.intervals[case.id]
            numbers[f"{name}_part"] = f"{100.0 * (high - low) / (highest - lowest):.0f}"
        return paragraphs(self.texts.say("q_pv", **numbers))

    # --------------------------------------------------------------------------- the grids

    def factor(self, activity_id: str) -> float:
        return self.results.unit_score(activity_id, "CN")

    def grids(self) -> list[str]:
        direct = {
            value.region: value for value in self.values if value.boundary == "electricity_direct"
        }
        markets = self.results.dataset.markets
        rows = []
        for region, value in sorted(direct.items(), key=lambda item: item[1].centre):
            market = markets[region, self.results.dataset.electricity_year]
            ours = self.factor(market.activity_id)
            ratio = f"{ours / value.centre:.2f}"
            rows.append([f"`{value.id}`", region, number(value.centre), number(ours), ratio])
        head = self.texts.heads("grids")
        text = self.texts.say("q_grid")
        return [*paragraphs(text), *table(head, rows, "ll"), *self._products()]

    def _products(self) -> list[str]:
        rows = []
        for product in (LFP, NMC, TOPCON, PERC):
            nation = self.gate(product, "CN")
            plan = self.results.plans[product]
            for place in plan.entry["places"]:
                region = plan.places[place].get("chain")
                if region is None or region == "CN":
                    continue
                result = self.gate(product, place)
                kwh, _ = result.electricity()
                market = self.results.dataset.markets[region, self.results.dataset.electricity_year]
                moved = self._moved(result, market.activity_id)
                change = moved * (self.factor(market.activity_id) - self.factor(NATION))
                rows.append(
                    [
                        f"{nation.model.name_en} {nation.model.name_zh}",
                        region,
                        number(kwh),
                        number(moved),
                        number(result.total),
                        signed(result.total - nation.total),
                        signed(change),
                        signed(result.total - nation.total - change),
                    ]
                )
        head = self.texts.heads("grid_products")
        return table(head, rows, "ll")

    def _moved(self, result: Result, activity_id: str) -> float:
        """Electricity that a result buys of one supplier [kWh / declared unit]."""
        return sum(
            result.inside[index]
            for index, process in enumerate(result.system.processes)
            if process.activity_id == activity_id
        )

    # -------------------------------------------------------------------------- the nation

    def nation(self) -> list[str]:
        rows = {row.input_id: row for row in self.results.dataset.exchanges[NATION]}
        fossil, nonfossil, network = (
            next(row for name, row in rows.items() if name.startswith(f"electricity_{kind}_"))
            for kind in ("fossil", "nonfossil", "network")
        )
        derived, official, later = (self.factor(each) for each in (NATION, OFFICIAL, NEXT))
        effects, later_effects = [], []
        for product in (LFP, NMC, TOPCON, PERC):
            result = self.gate(product, "CN")
            kwh = self._moved(result, NATION)
            unit = f"kg CO2e/{result.model.declared_unit.unit}"
            effects.append(f"{signed(kwh * (official - derived))} {unit} ({result.model.name_en})")
            later_effects.append(f"{number(kwh * (derived - later))} {unit}")
        text = self.texts.say(
            "q_nation",
            derived=f"{derived:.4f}",
            official=f"{official:.4f}",
            next=f"{later:.4f}",
            fossil_share=f"{fossil.amount:.4f}",
            fossil=f"{self.factor(fossil.input_id):.4f}",
            nonfossil_share=f"{nonfossil.amount:.4f}",
            nonfossil=f"{self.factor(nonfossil.input_id):.4f}",
            network=f"{self.factor(network.input_id):.4f}",
            gap=f"{derived - official:.4f}".replace("-", "−"),
            percent=f"{100.0 * (derived / official - 1.0):.2f}".replace("-", "−"),
            effects=", ".join(effects),
            next_effects=", ".join(later_effects),
        )
        return paragraphs(text)
