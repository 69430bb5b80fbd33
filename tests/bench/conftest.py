"""Benchmarks run over the project's own corpus: `make bench`."""
