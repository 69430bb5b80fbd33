"""Slack: questions in threads, guided dialogues in messages, through slack-bolt."""
