"""What a client of the service sees. Each test runs on each store."""
