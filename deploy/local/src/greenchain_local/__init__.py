"""The embedded shape: issuer and three services in one process, on SQLite and a local event log."""
