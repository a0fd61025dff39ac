"""Unit tests reach no store; contract and api run on both; process runs the real thing."""
