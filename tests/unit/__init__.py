"""What needs no store. A test here that reaches one fails."""
