"""What the service costs, alone or beside another commit."""
