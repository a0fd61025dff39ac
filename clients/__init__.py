"""Clients that are generated from the service's own document, and what they are used for."""
