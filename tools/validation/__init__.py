"""greenchain's results beside published values: docs/validation.md and its figures.

Nothing here changes a number of the dataset. Published values, reasons and what is compared are
data in `footprint.data/validation`; all numbers of ours are computed.
"""
