"""What pages are made of: nodes, tables, dates and class expressions in words, search over labels."""
