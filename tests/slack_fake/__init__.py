"""A Slack of our own for tests and for trying the bot by hand: `python -m tests.slack_fake`."""
