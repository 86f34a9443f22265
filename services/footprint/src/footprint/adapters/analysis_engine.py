"""greenchain's own engine behind the analyses of inventory models."""

from collections.abc import Iterable
from importlib.metadata import version
from sys import float_info

import numpy as np

from footprint.adapters.analysis_sampling import compared, sampled
from footprint.adapters.analysis_scenarios import scenario_tables
from footprint.adapters.analysis_sensitivity import sensitivities
from footprint.adapters.engine_names import named, singular
from footprint.adapters.solved_model import SolvedModel
from footprint.application.analysis_ports import Progress, Variant
from footprint.domain.analysis_options import Question
from footprint.domain.analysis_result import (
    ActivitySupply,
    Calculation,
    Compared,
    Contribution,
    Contributions,
    Edge,
    Explained,
    FlowAmount,
    Node,
    Sampled,
    ScenarioTable,
    Sensitivity,
    Unfolded,
)
from footprint.domain.inventory_model import Name
from footprint.engine.conditioning import condition_number, refined_scores
from footprint.engine.distributions import Floats
from footprint.engine.traversal import traverse

_NO_NAME = Name()


class GreenchainAnalyses:
    """Analyses by the compiled kernels; see `AnalysisEngine`."""

    name = "greenchain"

    def __init__(self) -> None:
        self.version = version("greenchain-footprint")

    def calculate(self, of: Variant, question: Question) -> Calculation:
        """Score a demand and divide the scores up."""
        with named(of.model):
            solved = SolvedModel(of, question)
            condition = _condition(solved)
            inventory = np.asarray(solved.system.biosphere_matrix() @ solved.supply)
            factors = solved.system.characterization_matrix().toarray()[:, solved.methods]
            explained = tuple(
                Explained(
                    score,
                    condition,
                    _contributions(
                        solved,
                        score,
                        solved.intensities[:, column] * solved.supply,
                        factors[:, column] * inventory,
                    ),
                )
                for column, score in enumerate(solved.scores)
            )
        model = of.model
        return Calculation(
            scores=explained,
            supply=tuple(
                ActivitySupply(activity.id, activity.name, amount)
                for activity, amount in zip(model.activities, solved.supply.tolist(), strict=True)
                if amount
            ),
            inventory=tuple(
                FlowAmount(flow.id, flow.name, flow.compartment, flow.unit, amount)
                for flow, amount in zip(model.flows, inventory.tolist(), strict=True)
                if amount
            ),
        )

    def reference(self, of: Variant, question: Question) -> tuple[float, ...]:
        """Score a demand by another path, in extended precision."""
        with named(of.model):
            solved = SolvedModel(of, question)
            columns = solved.intensities.T
            return tuple(
                float(refined_scores(solved.technosphere, column)[solved.product] * solved.amount)
                for column in columns
            )

    def sample(
        self, of: Variant, question: Question, progress: Progress | None
    ) -> tuple[tuple[Sampled, ...], str]:
        """Draw what varies and describe how the scores are spread."""
        with named(of.model):
            return sampled(SolvedModel(of, question), question, progress)

    def compare(
        self, first: Variant, other: Variant, question: Question, progress: Progress | None
    ) -> tuple[tuple[Compared, ...], str]:
        """Draw two variants together and compare them sample by sample."""
        with named(first.model):
            variants = SolvedModel(first, question), SolvedModel(other, question)
            return compared(*variants, question, progress)

    def sensitivity(
        self, of: Variant, question: Question, progress: Progress | None
    ) -> tuple[tuple[Sensitivity, ...], str]:
        """Find the inputs that the spread comes from."""
        with named(of.model):
            return sensitivities(SolvedModel(of, question), question, progress)

    def traverse(self, of: Variant, question: Question) -> tuple[Unfolded, ...]:
        """Unfold the supply chain into a tree, by each method."""
        with named(of.model):
            solved = SolvedModel(of, question)
            return tuple(
                _unfolded(solved, question, column) for column in range(len(solved.methods))
            )

    def scenarios(self, of: Variant, question: Question) -> tuple[ScenarioTable, ...]:
        """Score all scenarios of the model beside its base."""
        with named(of.model):
            return scenario_tables(SolvedModel(of, question), of, question)


def _condition(solved: SolvedModel) -> float:
    """Return the condition number, unless it leaves no digit of a solution."""
    condition = condition_number(solved.technosphere, solved.demand)
    if condition * float_info.epsilon >= 1.0:
        members = sorted({int(index) for loop in solved.technosphere.loops() for index in loop})
        activities = solved.model.activities
        raise singular([activities[index].id for index in members] or [a.id for a in activities])
    return condition


def _contributions(
    solved: SolvedModel, score: float, by_activity: Floats, by_flow: Floats
) -> Contributions:
    activities, flows = solved.model.activities, solved.model.flows
    scores = by_activity.tolist()

    def grouped(attribute: str) -> tuple[Contribution, ...]:
        sums: dict[str, float] = {}
        for activity, part in zip(activities, scores, strict=True):
            group = getattr(activity, attribute)
            sums[group] = sums.get(group, 0.0) + part
        return _sorted(((group, _NO_NAME, part) for group, part in sums.items()), score)

    return Contributions(
        activities=_sorted(
            ((a.id, a.name, part) for a, part in zip(activities, scores, strict=True)), score
        ),
        flows=_sorted(
            ((f.id, f.name, part) for f, part in zip(flows, by_flow.tolist(), strict=True)), score
        ),
        stages=grouped("stage"),
        suppliers=grouped("supplier"),
        sites=grouped("site"),
        provinces=grouped("province"),
    )


def _sorted(parts: Iterable[tuple[str, Name, float]], score: float) -> tuple[Contribution, ...]:
    found = [
        Contribution(id_, name, part, part / score if score else None)
        for id_, name, part in parts
        if part
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.score)))


def _unfolded(solved: SolvedModel, question: Question, column: int) -> Unfolded:
    model, score = solved.model, solved.scores[column]
    tree = traverse(
        solved.technosphere.matrix,
        np.ascontiguousarray(solved.unit_scores[:, column]),
        np.ascontiguousarray(solved.intensities[:, column]),
        solved.system.reference,
        solved.product,
        solved.amount,
        cutoff=question.cutoff,
        max_nodes=question.max_nodes,
    )
    units = {product.id: product.unit for product in model.products}
    nodes, edges = [], []
    for place, index in enumerate(tree.activity.tolist()):
        activity, cumulative = model.activities[index], float(tree.cumulative[place])
        nodes.append(
            Node(
                id=place,
                activity=activity.id,
                name=activity.name,
                stage=activity.stage,
                depth=int(tree.depth[place]),
                supply=float(tree.supply[place]),
                cumulative=cumulative,
                direct=float(tree.direct[place]),
                rest=float(tree.rest[place]),
                share=cumulative / score if score else None,
                loop=bool(tree.loop[place]),
            )
        )
        if place > 0:
            edge: Edge = {
                "from": place,
                "to": int(tree.parent[place]),
                "product": activity.product,
                "amount": float(tree.amount[place]),
                "unit": units[activity.product],
                "score": cumulative,
            }
            edges.append(edge)
    return Unfolded(
        score=score,
        nodes=tuple(nodes),
        edges=tuple(edges),
        coverage=tree.coverage,
        rest=float(tree.rest.sum()),
        cut=tree.cut,
    )
