"""How the service is reached: gRPC."""
