"""Scripts that a new user runs against ``make run``."""
