"""The commands, one module a group; each declares arguments and leaves the work to others."""
