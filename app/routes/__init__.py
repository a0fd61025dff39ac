"""HTTP: read what was asked, call one service method, answer."""
