"""Passages -> a cited answer, verified before it is shown, or an honest refusal."""
