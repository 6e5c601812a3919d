"""HTTP/1.1: connections, and the path of a request to a query worker or to Flask."""
