"""Backups: everything that is not in the corpus's folder, in one file that is verified before it is trusted."""
