"""The graph as linked data: dereferenced IRIs, data documents, whole graphs, dumps and their description."""
