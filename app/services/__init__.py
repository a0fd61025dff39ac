"""The rules of the profile API. Values in, values out: neither Flask nor a store's driver."""
