"""Page models: what each page tells, read from the graph without Flask."""
