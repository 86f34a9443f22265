"""Contributions of processes and of groups of processes."""

import numpy as np

from libc.stdint cimport int64_t


def contribution(
    const double[::1] intensity,  # IN
    const double[::1] supply,     # IN
    const int64_t[::1] group,     # IN
    Py_ssize_t groups,
):
    """Multiply intensity by supply and add up by group.

    Parameters
    ----------
    intensity : float64 (n,)
        Direct impact of one unit of each process [kg CO2e / unit].
    supply : float64 (n,)
        Amount of each process [unit].
    group : int64 (n,)
        Group of each process in [0, groups).

    Returns
    -------
    direct : float64 (n,)
        Impact of each process [kg CO2e].
    grouped : float64 (groups,)
        Impact of each group [kg CO2e].
    """
    cdef Py_ssize_t n = intensity.shape[0], j
    if supply.shape[0] != n or group.shape[0] != n:
        raise ValueError("intensity, supply and group need one element per process")
    for j in range(n):
        if group[j] < 0 or group[j] >= groups:
            raise ValueError("group must lie in [0, groups)")
    direct = np.empty(n, dtype=np.float64)
    grouped = np.zeros(groups, dtype=np.float64)
    _contribution(intensity, supply, group, direct, grouped)
    return direct, grouped


cdef void _contribution(
    const double[::1] intensity,
    const double[::1] supply,
    const int64_t[::1] group,
    double[::1] direct,   # OUT
    double[::1] grouped,  # OUT
) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(intensity.shape[0]):
        direct[j] = intensity[j] * supply[j]
        grouped[group[j]] += direct[j]
