"""What several parts of the suite share: running servers, a large graph, packages of npm."""
