"""What pages tell, read from the graph: things with their evidence, sections, comparisons, time line and network."""
