"""Requests whose framing is drawn at random, and the one way in which each may be read."""
