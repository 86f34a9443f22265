"""What the footprint service does, one use case a module."""
