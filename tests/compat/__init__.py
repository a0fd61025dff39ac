"""Golden exchanges: what the contract says, as requests and their answers."""
