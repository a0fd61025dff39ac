"""The real thing: processes as a user starts them, and what is left when they are killed."""
