"""The names of a model in place of the indices of the engine's errors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from footprint.domain.analysis_errors import (
    NotComputable,
    SingularModel,
    SingularSample,
    SingularScenario,
)
from footprint.domain.inventory_model import InventoryModel
from footprint.engine.errors import (
    Malformed,
    MalformedSystemError,
    Singular,
    SingularSampleError,
    SingularSystemError,
)
from footprint.engine.scenarios import SingularScenarioError

_CAUSES = {
    Singular.NO_EXCHANGES: ("activities without exchanges", "无任何交换的活动"),
    Singular.NOT_EXCHANGED: ("products that nothing gives or takes", "无任何活动涉及的产品"),
    Singular.TOO_FEW_PRODUCTS: (
        "activities that share fewer products than they are",
        "所涉产品少于其数目的活动",
    ),
    Singular.LOOP: ("activities of a loop that uses up what it makes", "产出被自身耗尽的循环活动"),
}
#: What the engine refuses arrays for; models that were read have no other faults than numbers.
_FAULTS = {
    Malformed.INCONSISTENT: (
        "amounts are not finite or too large, or cancel to nothing, on the way",
        "计算中的数量不是有限值、过大或相互抵消为零",
    ),
    Malformed.NOT_FINITE: ("numbers are not finite or become too large", "数值不是有限值或过大"),
    Malformed.NOT_SQUARE: (
        "there are not as many activities as products",
        "活动数与产品数不相等",
    ),
    Malformed.OUT_OF_RANGE: (
        "the spread of an amount is not possible for it",
        "某一数量的分布范围与其不符",
    ),
}
#: Names that an error lists.
_MOST_NAMES = 20


@contextmanager
def named(model: InventoryModel) -> Iterator[None]:
    """Raise the engine's errors as errors of the domain, with the names of a model.

    Nobody is warned of overflow: it leaves infinities, which are refused.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            yield
    except SingularSampleError as error:
        raise SingularSample(
            *_CAUSES[error.cause], names=_names(model, error), sample=error.sample
        ) from error
    except SingularScenarioError as error:
        raise SingularScenario(
            *_CAUSES[error.cause],
            names=_names(model, error),
            scenario=model.scenarios[error.scenario].id,
        ) from error
    except SingularSystemError as error:
        raise SingularModel(*_CAUSES[error.cause], names=_names(model, error)) from error
    except MalformedSystemError as error:
        raise NotComputable(*_FAULTS[error.cause], names=(model.id,)) from error


def singular(activities: Sequence[str]) -> SingularModel:
    """Return the error for a loop without a unique solution."""
    return SingularModel(*_CAUSES[Singular.LOOP], names=tuple(activities[:_MOST_NAMES]))


def _names(model: InventoryModel, error: SingularSystemError) -> tuple[str, ...]:
    of_products = error.cause is Singular.NOT_EXCHANGED
    ids = [each.id for each in (model.products if of_products else model.activities)]
    return tuple(ids[index] for index in error.indices[:_MOST_NAMES])
