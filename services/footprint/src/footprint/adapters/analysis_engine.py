"""greenchain's own engine behind the analyses of inventory models."""

from collections.abc import Callable, Iterable
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
    share,
)
from footprint.domain.inventory_model import Activity, Name
from footprint.engine.arrays import Floats
from footprint.engine.conditioning import condition_number, refined_scores
from footprint.engine.productivity import unproductive_loop
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
            inventory = solved.inventory
            explained = tuple(
                Explained(
                    score,
                    condition,
                    _contributions(solved, score, method),
                )
                for method, score in zip(solved.methods, solved.scores, strict=True)
            )
        model = of.model
        lacking = {
            method.id: frozenset(model.uncharacterized(method))
            for method in model.methods
            if method.id in question.methods
        }
        return Calculation(
            scores=explained,
            supply=tuple(
                ActivitySupply(activity.id, activity.name, amount)
                for activity, amount in zip(
                    model.activities, inventory.supply.tolist(), strict=True
                )
                if amount
            ),
            inventory=tuple(
                FlowAmount(
                    flow.id,
                    flow.name,
                    flow.compartment,
                    flow.unit,
                    amount,
                    tuple(method for method, flows in lacking.items() if flow.id in flows),
                )
                for flow, amount in zip(model.flows, inventory.flows.tolist(), strict=True)
                if amount
            ),
            solved_directly=sum(len(loop) for loop in solved.technosphere.direct_loops),
            unproductive=tuple(
                model.activities[index].id for index in unproductive_loop(solved.system).tolist()
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
            return scenario_tables(SolvedModel(of, question))


def _condition(solved: SolvedModel) -> float:
    """Return the condition number, unless it leaves no digit of a solution."""
    condition = condition_number(solved.technosphere, solved.demand)
    if condition * float_info.epsilon >= 1.0:
        members = sorted({int(index) for loop in solved.technosphere.loops() for index in loop})
        activities = solved.model.activities
        raise singular([activities[index].id for index in members] or [a.id for a in activities])
    return condition


def _contributions(solved: SolvedModel, score: float, method: int) -> Contributions:
    activities, flows = solved.model.activities, solved.model.flows
    inventory = solved.inventory
    size = float(np.abs(inventory.by_activity[:, method]).sum())

    def grouped(group_of: Callable[[Activity], str]) -> tuple[Contribution, ...]:
        names = [group_of(activity) for activity in activities]
        groups = {name: place for place, name in enumerate(dict.fromkeys(names))}
        places = np.array([groups[name] for name in names], dtype=np.int64)
        sums = inventory.by_group(places, len(groups))[:, method]
        return _sorted(groups, [_NO_NAME] * len(groups), sums, score, size)

    return Contributions(
        activities=_sorted(
            [activity.id for activity in activities],
            [activity.name for activity in activities],
            inventory.by_activity[:, method],
            score,
            size,
        ),
        flows=_sorted(
            [flow.id for flow in flows],
            [flow.name for flow in flows],
            inventory.by_flow[:, method],
            score,
            size,
        ),
        stages=grouped(lambda activity: activity.stage),
        suppliers=grouped(lambda activity: activity.supplier),
        sites=grouped(lambda activity: activity.site),
        provinces=grouped(lambda activity: activity.province),
    )


def _sorted(
    ids: Iterable[str], names: Iterable[Name], parts: Floats, score: float, size: float
) -> tuple[Contribution, ...]:
    found = [
        Contribution(id_, name, part, share(part, score, size))
        for id_, name, part in zip(ids, names, parts.tolist(), strict=True)
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
                share=share(cumulative, score),
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
