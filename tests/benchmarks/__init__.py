"""Benchmarks: generated data, and comparisons with other systems side by side in one run."""
