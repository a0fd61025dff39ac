"""What goes wrong while clients work: with the service, with a file, with a cluster."""
