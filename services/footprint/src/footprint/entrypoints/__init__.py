"""How the footprint service is called: HTTP, gRPC, events."""
