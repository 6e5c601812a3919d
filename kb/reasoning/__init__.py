"""kb's own engine for OWL 2 RL: statements as columns of integers, rules as tables, proofs for all that follows.

https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
"""

from kb.reasoning.materialization import Materialization

__all__ = ["Materialization"]
