"""The pure core of the footprint service: rules, values and errors; no numeric library."""
