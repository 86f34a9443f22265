"""Sensitivity analyses of inventory models: which inputs the spread of a score comes from."""

from collections.abc import Sequence

import numpy as np

from footprint.adapters.analysis_sampling import draw_scores
from footprint.adapters.model_arrays import ModelArrays
from footprint.adapters.sensitivity_drivers import Driver, drivers_of
from footprint.adapters.solved_model import SolvedModel
from footprint.application.analysis_ports import Progress
from footprint.domain import analysis_result as results
from footprint.domain.analysis_options import Question
from footprint.domain.analysis_result import InputName, SensitiveInput, Swing
from footprint.domain.formula import FLOATS
from footprint.domain.inventory_model import Direction
from footprint.engine.arrays import Floats
from footprint.engine.draws import Stream, draw
from footprint.engine.perturbation import OperatingPoint, entries
from footprint.engine.sensitivity import Bar, contributions_to_variance, tornado
from footprint.engine.statistics import rank_correlations

#: Samples that ranks are correlated over: more change ρ by some hundredths at most, and each
#: input's draws are held.
RANKED_SAMPLES = 10_000


def sensitivities(
    solved: SolvedModel, question: Question, progress: Progress | None
) -> tuple[tuple[results.Sensitivity, ...], str]:
    """Find the most sensitive inputs by each method."""
    scores, drawn = draw_scores(solved, question, progress)
    varying = [Stream.TECHNOSPHERE, Stream.BIOSPHERE]
    if question.characterization:
        varying.append(Stream.CHARACTERIZATION)
    drivers = tuple(drivers_of(solved.arrays))
    found = []
    for method, column in zip(solved.methods, scores.T, strict=True):
        point = OperatingPoint(
            solved.system, solved.product, solved.amount, method, solved.technosphere
        )
        found.append(_Inputs(solved.arrays, point, drivers, varying, question).ranked(column))
    return tuple(found), drawn.instruction_set


class _Inputs:
    """The inputs of a model at an operating point, by one method."""

    def __init__(
        self,
        arrays: ModelArrays,
        point: OperatingPoint,
        drivers: Sequence[Driver],
        varying: Sequence[Stream],
        question: Question,
    ) -> None:
        self.arrays, self.point, self.drivers = arrays, point, drivers
        self.varying, self.question = varying, question
        self.given = _given_at_the_point(arrays)

    def ranked(self, scores: Floats) -> results.Sensitivity:
        """Rank the inputs by contribution to variance, and by swing."""
        sampled_variance = float(scores.var(ddof=1))
        parts = self._variances()
        variance = float(sum(part.sum() for part in parts.values()))
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
            self.point,
            given=self.given,
            drivers=[[changes for _, _, changes in driver.levels] for driver in self.drivers],
            varying=self.varying,
            top=self.question.top,
        )
        return results.Sensitivity(
            score=self.point.score,
            variance=variance,
            sampled_variance=sampled_variance,
            inputs=inputs,
            tornado=tuple(self._bar(bar) for bar in bars),
        )

    def _variances(self) -> dict[Stream, Floats]:
        """Return the parts of the variance in first order, by stream and place [unit²]."""
        parameters = [driver for driver in self.drivers if not driver.weights]
        shares = contributions_to_variance(
            self.point,
            given=self.given,
            drivers=[driver.step for driver in parameters],
            varying=self.varying,
        )
        by_parameter = iter((shares.drivers * shares.variance).tolist())
        by_driver = [
            self._variance_of_choice(driver) if driver.weights else next(by_parameter)
            for driver in self.drivers
        ]
        return {
            Stream.TECHNOSPHERE: shares.technosphere * shares.variance,
            Stream.BIOSPHERE: shares.biosphere * shares.variance,
            Stream.CHARACTERIZATION: shares.characterization * shares.variance,
            Stream.PARAMETERS: np.array(by_driver, dtype=np.float64),
        }

    def _variance_of_choice(self, driver: Driver) -> float:
        """Return the variance of the score over the options, all else held [unit²]."""
        scores = np.array([self.point.score_with(changes) for _, _, changes in driver.levels])
        weights = np.array(driver.weights)
        return float(weights @ np.square(scores - weights @ scores))

    def _correlations(
        self, places: Sequence[tuple[Stream, int]], scores: Floats
    ) -> list[float | None]:
        """Correlate the ranks of inputs with those of the score; None for choices."""
        count = min(len(scores), RANKED_SAMPLES)
        seed = self.question.seed
        given = self.arrays.given(seed)
        table = None if given is None else given(0, count)
        of_parameters = self.arrays.draw_parameters(seed, 0, count)
        draws = []
        for stream, place in places:
            if stream is Stream.PARAMETERS:
                draws.append(of_parameters[self.drivers[place].name.id])
                continue
            sign = self._sign(stream, place)
            distributions = entries(self.point.system, stream).distribution
            drawn = draw(
                distributions,
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
        """Return an input's name, amount and gradient, in the words of the model."""
        if stream is Stream.PARAMETERS:
            driver = self.drivers[place]
            if driver.weights:
                return driver.name, None, None
            return driver.name, driver.amount, self._slope(driver)
        sign = self._sign(stream, place)
        amount = float(entries(self.point.system, stream).amount[place])
        return self._name(stream, place), sign * amount, sign * self._gradient(stream, place)

    def _gradient(self, stream: Stream, place: int) -> float:
        return float(self.point.gradient(stream)[place])

    def _slope(self, driver: Driver) -> float:
        """Return the derivative of the score by a parameter, from one step of its deviation."""
        moved = 0.0
        for stream, change in driver.step.items():
            before = entries(self.point.system, stream).amount[change.entry]
            moved += float(self.point.gradient(stream)[change.entry] @ (change.amount - before))
        return moved / driver.deviation

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
            column = int(self.point.system.characterization.column[place])
            return InputName(
                "factor",
                factor.id,
                item=factor.flow,
                unit=model.methods[column].unit,
                source=factor.source,
                confidence=factor.confidence,
            )
        of_flow = stream is Stream.BIOSPHERE
        exchange = (self.arrays.biosphere if of_flow else self.arrays.technosphere)[place]
        row = int(entries(self.point.system, stream).row[place])
        return InputName(
            "exchange",
            exchange.id,
            activity=exchange.activity,
            item=exchange.item,
            unit=(model.flows if of_flow else model.products)[row].unit,
            source=exchange.source,
            confidence=exchange.confidence,
        )


def _given_at_the_point(arrays: ModelArrays) -> Floats | None:
    """Return what each row of given values is in deterministic results (rows,)."""
    if not arrays.rows:
        return None
    values, options = arrays.model.parameter_values(), arrays.model.default_options()
    found = []
    for row in arrays.rows:
        value = 1.0 if row.formula is None else row.formula.evaluate(values, FLOATS)
        chosen = row.when is None or options[row.when[0]] == row.when[1]
        found.append(value if chosen else 0.0)
    return np.array(found)
