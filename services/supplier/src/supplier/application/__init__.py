"""Use cases, one a module. They know the domain and the ports, no database and no gRPC."""
