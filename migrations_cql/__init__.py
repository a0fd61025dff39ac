"""The tables on Cassandra, as numbered files. A released file never changes."""
