"""The service beside a plain model of its contract, both driven by the same random operations."""
