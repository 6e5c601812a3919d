"""The description of the whole HTTP surface for programs."""
