"""The reasoners that are compared, each a program: how often to reason, then the files to read."""
