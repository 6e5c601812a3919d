"""Generations: the graph, asserted and inferred, built whole and read by the server and the commands."""
