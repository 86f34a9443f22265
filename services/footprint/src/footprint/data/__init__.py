"""What ships with the service: the open inventory dataset, examples and rule packs."""
