"""Backgrounds of one's own as files: mapped into memory, solved for what is bought."""
