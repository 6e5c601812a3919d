"""Remote stores: SPARQL 1.1 stores elsewhere that a generation is published to, verified on and served from."""
