"""The migration runner for Cassandra: numbered CQL files, each applied exactly once."""
