"""A real PostgreSQL server without Docker or root, and how a service's database is provided."""
