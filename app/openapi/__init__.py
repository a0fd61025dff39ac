"""The OpenAPI document of a tenant, made of its definition. Knows no HTTP framework."""
