"""Speed of the kernels and solves beside their peers, in one run: see README.md."""
