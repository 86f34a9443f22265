"""Numeric life cycle assessment: arrays in, arrays out. NumPy, SciPy and the kernels alone.

``A s = f`` gives the supply s of a demand f, ``Aᵀ y = q`` the score of one unit of every process
at once (the adjoint); ``h_j = q_j s_j`` are the contributions.
"""
