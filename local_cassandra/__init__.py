"""A real Cassandra on this machine out of packages: for tests, benchmarks and hand use."""
