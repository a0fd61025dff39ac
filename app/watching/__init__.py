"""What is told of the service while it runs: metrics, log lines, spans. Never of a customer."""
