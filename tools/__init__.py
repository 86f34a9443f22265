"""What the Makefile and the architecture tests call."""
