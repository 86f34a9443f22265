"""The service as a library: what is computed on one's own machine, without server and database.

Each module loads what it needs and no more: whoever lists templates need not wait for a solver.
"""
