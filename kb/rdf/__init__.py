"""RDF as files and terms: Turtle in one canonical form, datatypes, formats, conversion between libraries."""
