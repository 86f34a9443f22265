"""The `greenchain` command: data on stdout, progress on stderr, English or Chinese."""
