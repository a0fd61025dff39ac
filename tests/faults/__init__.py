"""Faults and overload, on purpose: what the service does then, measured."""
