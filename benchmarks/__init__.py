"""What the service costs, beside what it stands on and beside a peer."""
