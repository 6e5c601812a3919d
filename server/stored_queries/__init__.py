"""The server's own queries: one ``.rq`` file each, and their evaluation with terms bound to variables."""
