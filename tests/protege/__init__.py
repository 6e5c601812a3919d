"""The graph's files in the real OWL API, the library Protégé is made with, and in the real HermiT reasoner."""
