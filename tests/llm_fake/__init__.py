"""A language model of our own for tests and for trying the bot by hand: `python -m tests.llm_fake`."""
