"""Real clients that query a real server."""
