"""The W3C test suites for SPARQL queries, run over HTTP against `kb serve`."""
