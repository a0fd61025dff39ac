"""What goes wrong while clients work, store by store."""
