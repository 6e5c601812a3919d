"""SPARQL: queries scanned before they are evaluated, evaluated, stored as competency questions."""
