"""bw2calc behind the values of the domain; the only package that sees Brightway."""

from footprint.adapters.brightway.inventory_models import BrightwayScores
from footprint.adapters.brightway.linked_systems import BrightwayEngine

__all__ = ["BrightwayEngine", "BrightwayScores"]
