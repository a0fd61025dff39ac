"""The customer profile service."""

__version__ = "0.1.0"
