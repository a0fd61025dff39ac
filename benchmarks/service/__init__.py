"""The service that is measured: its source, its environment, its store, its processes."""
