"""Queries evaluated in processes of their own, within limits, and their results kept."""
