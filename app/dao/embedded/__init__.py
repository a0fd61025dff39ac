"""The embedded store: one SQLite file, used by any number of processes on one machine."""
