"""What every store has to do. Each test runs on each store."""
