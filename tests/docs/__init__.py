"""README, docs and deployment files: what they claim is held against the code."""
