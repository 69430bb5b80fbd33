"""Chunks <-> vectors and words: each vendor behind one module."""
