"""The production store: Apache Cassandra, one partition per profile, conditional batches."""
