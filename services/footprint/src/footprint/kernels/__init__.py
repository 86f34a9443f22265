"""Compiled loops of the engine. They import nothing of ours and check only shapes and ranges.

Each is a thin checked `def` over a private typed kernel; each has a NumPy twin in the tests.
Arguments marked ``# IN`` are read, those marked ``# OUT`` are overwritten. Directives are set once,
in ``setup.py``; ``GREENCHAIN_KERNELS_CHECKED=1`` builds with bounds checks.
"""
