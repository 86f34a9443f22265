"""What the service does: one use case a module, on ports that the adapters fill."""
