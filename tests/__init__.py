"""Unit tests reach no store; contract and API tests run on both; process tests run the real thing."""
