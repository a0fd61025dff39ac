"""The services on a real store: what several of them do at once, and after one has died."""
