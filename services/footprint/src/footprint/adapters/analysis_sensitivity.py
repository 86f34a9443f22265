"""Sensitivity analyses of inventory models: which inputs the spread of a score comes from."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from footprint.adapters.analysis_branches import Branch, branches_of
from footprint.adapters.analysis_sampling import draw_scores
from footprint.adapters.model_arrays import ModelArrays
from footprint.adapters.sensitivity_drivers import Driver, drivers_of
from footprint.adapters.solved_model import SolvedModel, too_large
from footprint.application.analysis_ports import Progress
from footprint.domain import analysis_result as results
from footprint.domain.analysis_options import Question
from footprint.domain.analysis_result import InputName, SensitiveInput, Swing
from footprint.domain.inventory_model import Direction, Name
from footprint.engine.arrays import Floats
from footprint.engine.draws import Stream, draw
from footprint.engine.perturbation import MATRICES, Changes, OperatingPoint, entries
from footprint.engine.sensitivity import Bar, contributions_to_variance, tornado
from footprint.engine.statistics import rank_correlations

#: Samples that ranks are correlated over: more change ρ by some hundredths at most, and each
#: input's draws are held.
RANKED_SAMPLES = 10_000
#: Variances in first order and of the samples that differ by this factor are told of [-]: standard
#: deviations by 1.4, far more than a thousand samples leave to chance.
FAR = 2.0


def sensitivities(
    solved: SolvedModel, question: Question, progress: Progress | None
) -> tuple[tuple[results.Sensitivity, ...], str]:
    """Find the most sensitive inputs by each method."""
    scores, drawn = draw_scores(solved, question, progress)
    varying = [Stream.TECHNOSPHERE, Stream.BIOSPHERE]
    if question.characterization:
        varying.append(Stream.CHARACTERIZATION)
    drivers = tuple(drivers_of(solved.arrays))
    branches = branches_of(solved.arrays, solved.technosphere)
    found = []
    for method, column in zip(solved.methods, scores.T, strict=True):
        points = [
            OperatingPoint(
                branch.arrays.system, solved.product, solved.amount, method, branch.technosphere
            )
            for branch in branches
        ]
        inputs = _Inputs(solved.arrays, branches, points, drivers, varying, question)
        found.append(inputs.ranked(column))
    return tuple(found), drawn.instruction_set


class _Inputs:
    """The inputs of a model by one method, in each of its branches."""

    def __init__(
        self,
        arrays: ModelArrays,
        branches: Sequence[Branch],
        points: Sequence[OperatingPoint],
        drivers: Sequence[Driver],
        varying: Sequence[Stream],
        question: Question,
    ) -> None:
        self.arrays, self.branches, self.points = arrays, branches, points
        self.drivers, self.varying, self.question = drivers, varying, question
        self.parts = [
            self._within(branch, point) for branch, point in zip(branches, points, strict=True)
        ]

    def ranked(self, scores: Floats) -> results.Sensitivity:
        """Rank the inputs by contribution to variance, and by swing."""
        default, point = self.branches[0], self.points[0]
        sampled_variance = float(scores.var(ddof=1))
        parts = {
            stream: np.asarray(sum(each[stream] for each in self.parts)) for stream in self.parts[0]
        }
        parts[Stream.PARAMETERS] = np.append(parts[Stream.PARAMETERS], self._of_choices())
        variance = float(sum(part.sum() for part in parts.values()))
        if not np.isfinite([point.score, variance, sampled_variance]).all():
            raise too_large((self.arrays.model.id,))
        places = [
            (float(part[place]), stream, int(place))
            for stream, part in parts.items()
            for place in np.argsort(-part, kind="stable")[: self.question.top]
            if part[place] > 0.0
        ]
        places.sort(key=lambda each: -each[0])
        top = places[: self.question.top]
        correlations = self._correlations([(stream, place) for _, stream, place in top], scores)
        inputs = tuple(
            SensitiveInput(
                *self._value(stream, place),
                variance_share=part / variance,
                rank_correlation=correlation,
            )
            for (part, stream, place), correlation in zip(top, correlations, strict=True)
        )
        bars = tornado(
            point,
            given=default.given,
            drivers=[[changes for _, _, changes in driver.levels] for driver in self.drivers],
            varying=self.varying,
            top=self.question.top,
        )
        for bar in bars:
            if not np.isfinite(bar.scores).all():
                raise too_large((self._bar(bar).input.id,))
        return results.Sensitivity(
            score=point.score,
            variance=variance,
            sampled_variance=sampled_variance,
            note=note_on_variance(variance, sampled_variance, float(np.abs(scores).max())),
            inputs=inputs,
            tornado=tuple(self._bar(bar) for bar in bars),
        )

    def _within(self, branch: Branch, point: OperatingPoint) -> dict[Stream, Floats]:
        """Return what a branch adds to the variance in first order, by stream and place [unit²]."""
        shares = contributions_to_variance(
            point, given=branch.given, drivers=branch.steps, varying=self.varying
        )
        weight = branch.probability * shares.variance
        return {
            Stream.TECHNOSPHERE: weight * shares.technosphere,
            Stream.BIOSPHERE: weight * shares.biosphere,
            Stream.CHARACTERIZATION: weight * shares.characterization,
            Stream.PARAMETERS: weight * shares.drivers,
        }

    def _of_choices(self) -> list[float]:
        """Return the variance of the score between the options of each choice [unit²].

        All amounts are held; of an option the mean over the options of the other choices counts.
        """
        scores = np.array([point.score for point in self.points])
        weights = np.array([branch.probability for branch in self.branches])
        found = []
        for driver in self.drivers:
            if not driver.weights:
                continue
            taken = [branch.options.get(driver.name.id) for branch in self.branches]
            part = 0.0
            for option in dict.fromkeys(taken):
                of_option = weights * [each == option for each in taken]
                if weight := float(of_option.sum()):
                    part += weight * float(of_option @ scores / weight - weights @ scores) ** 2
            found.append(part)
        return found

    def _correlations(
        self, places: Sequence[tuple[Stream, int]], scores: Floats
    ) -> list[float | None]:
        """Correlate the ranks of inputs with those of the score; None for choices."""
        count = min(len(scores), RANKED_SAMPLES)
        seed = self.question.seed
        of_entries = {
            stream: entries(self.arrays.system, stream).distribution for stream in MATRICES
        }
        # The rows of what is looked at alone: all would take rows × samples of memory.
        rows = {
            int(of_entries[stream].given[place]) for stream, place in places if stream in of_entries
        }
        needed = np.array(sorted(rows - {-1}), dtype=np.int64)
        table = self.arrays.rows_of(needed, seed, 0, count) if len(needed) else None
        renumbered = np.full(len(self.arrays.rows) + 1, -1)
        renumbered[needed] = np.arange(len(needed))
        of_parameters = self.arrays.draw_parameters(seed, 0, count)
        draws = []
        for stream, place in places:
            if stream is Stream.PARAMETERS:
                draws.append(of_parameters[self.drivers[place].name.id])
                continue
            sign = self._sign(stream, place)
            distributions = of_entries[stream]
            drawn = draw(
                replace(distributions, given=renumbered[distributions.given]),
                seed=seed,
                stream=stream,
                first=0,
                count=count,
                given=table,
                subset=np.array([place]),
            )
            draws.append(sign * drawn[0])
        if not draws:
            return []
        found = rank_correlations(np.vstack(draws), np.ascontiguousarray(scores[:count]))
        return [
            None if stream is Stream.PARAMETERS and self.drivers[place].weights else float(value)
            for (stream, place), value in zip(places, found, strict=True)
        ]

    def _value(self, stream: Stream, place: int) -> tuple[InputName, float | None, float | None]:
        """Return an input's name, amount and gradient, in the words of the model.

        Those of the first branch that it counts in.
        """
        if stream is Stream.PARAMETERS and self.drivers[place].weights:
            return self.drivers[place].name, None, None
        first = next(at for at, parts in enumerate(self.parts) if parts[stream][place] > 0.0)
        point = self.points[first]
        if stream is Stream.PARAMETERS:
            driver = self.drivers[place]
            step = self.branches[first].steps[place]
            return driver.name, driver.amount, _slope(point, step, driver.deviation)
        sign = self._sign(stream, place)
        amount = float(entries(point.system, stream).amount[place])
        gradient = float(point.gradient(stream)[place])
        return self._name(stream, place), sign * amount, sign * gradient

    def _bar(self, bar: Bar) -> results.Bar:
        if bar.stream is Stream.PARAMETERS:
            driver = self.drivers[bar.position]
            swings = [
                Swing(amount, score, option)
                for (amount, option, _), score in zip(driver.levels, bar.scores, strict=True)
            ]
            if driver.weights:
                swings.sort(key=lambda swing: swing.score)
            return results.Bar(driver.name, swings[0], swings[-1])
        sign = self._sign(bar.stream, bar.position)
        low, high = sorted(
            (
                Swing(sign * amount, score)
                for amount, score in zip(bar.amounts, bar.scores, strict=True)
            ),
            key=lambda swing: swing.amount or 0.0,
        )
        return results.Bar(self._name(bar.stream, bar.position), low, high)

    def _sign(self, stream: Stream, place: int) -> float:
        """Return −1 for what stands in A as a negative amount: an input of an activity."""
        of_input = (
            stream is Stream.TECHNOSPHERE
            and self.arrays.technosphere[place].direction is Direction.INPUT
        )
        return -1.0 if of_input else 1.0

    def _name(self, stream: Stream, place: int) -> InputName:
        model = self.arrays.model
        if stream is Stream.CHARACTERIZATION:
            factor = self.arrays.characterization[place]
            factors = self.arrays.system.characterization
            column, flow = int(factors.column[place]), int(factors.row[place])
            return InputName(
                "factor",
                factor.id,
                item=factor.flow,
                unit=f"{model.methods[column].unit}/{model.flows[flow].unit}",
                source=factor.source,
                confidence=factor.confidence,
            )
        of_flow = stream is Stream.BIOSPHERE
        exchange = (self.arrays.biosphere if of_flow else self.arrays.technosphere)[place]
        row = int(entries(self.arrays.system, stream).row[place])
        return InputName(
            "exchange",
            exchange.id,
            activity=exchange.activity,
            item=exchange.item,
            unit=(model.flows if of_flow else model.products)[row].unit,
            source=exchange.source,
            confidence=exchange.confidence,
        )


def _slope(point: OperatingPoint, step: Changes, deviation: float) -> float:
    """Return the derivative of the score by a parameter, from one step of its deviation."""
    moved = 0.0
    for stream, change in step.items():
        before = entries(point.system, stream).amount[change.entry]
        moved += float(point.gradient(stream)[change.entry] @ (change.amount - before))
    return moved / deviation


def note_on_variance(variance: float, sampled: float, size: float) -> Name:
    """Say whether shares of the variance in first order tell much of the sampled one.

    Parameters
    ----------
    size
        Of the largest score [unit]: what rounding makes of it is no variance.
    """
    larger = max(variance, sampled)
    if larger <= max(FAR * min(variance, sampled), (results.CANCELLED * size) ** 2):
        return Name()
    return Name(
        en="The variance in first order is far from that of the samples, so its shares mislead: "
        "first order sees each input by itself and by its slope alone, not what inputs do "
        "together, bends of formulas, or steps. Rank correlations and the tornado do not depend "
        "on it; a few samples may be far off by chance.",
        zh="一阶方差与抽样方差相差很大，其占比有误导性：一阶近似只按斜率逐一看待各输入，不反映输入之间的"
        "共同作用、公式的弯曲或跳变。秩相关与龙卷风图不受此影响；样本过少时差异也可能出于偶然。",
    )
