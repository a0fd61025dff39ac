"""The migration runner: numbered CQL files, each applied by just one process."""
