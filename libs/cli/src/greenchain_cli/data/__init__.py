"""Tables that ship with the command."""
