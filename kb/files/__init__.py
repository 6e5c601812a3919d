"""The files of the graph: documents, their evidence, and the files generated from them."""
