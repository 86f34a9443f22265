"""lca_algebraic as a peer; it needs an environment of its own."""
