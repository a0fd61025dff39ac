"""Requests that nobody thought of, made from the OpenAPI document and from what is near it."""
