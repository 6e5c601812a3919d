"""The processes of the server: the supervisor, and the web process between sockets and query workers."""
