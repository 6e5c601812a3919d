"""The SPARQL endpoint: the protocol, its requests and replies, and the workbench for people."""
