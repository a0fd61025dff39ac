"""Who asks, and what they may do. Knows neither Flask nor a store."""
