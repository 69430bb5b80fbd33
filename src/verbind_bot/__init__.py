"""verbind-bot: cited Dutch answers about connecting school and wijk."""

__version__ = "0.1.0"
