"""Rules of data requests, declarations and grants. Pure: no database, gRPC or web."""
