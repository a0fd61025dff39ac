"""How work goes on side by side: requests as greenlets on one event loop, jobs in threads."""
