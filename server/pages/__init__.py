"""The pages for people: a blueprint a concern, which read from the graph and show."""
