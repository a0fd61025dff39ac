"""The command line: ``profiles``."""
