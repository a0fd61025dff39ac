"""gunicorn's worker as this service has it: how requests come in, and what is refused at once."""
