"""How the outside comes in: HTTP and events."""
