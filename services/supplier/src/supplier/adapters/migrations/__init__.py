"""Migrations of the supplier's database; `versions` holds the scripts."""

from pathlib import Path

LOCATION = Path(__file__).parent
