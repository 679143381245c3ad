"""Benches: each measures whole commands or loops in one run and compares ratios and counts with their goals."""
