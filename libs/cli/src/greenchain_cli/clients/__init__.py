"""How the command speaks to a running platform: HTTP, gRPC, tokens."""
