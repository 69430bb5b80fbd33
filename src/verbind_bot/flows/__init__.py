"""Guided dialogues: flows as data, a pure engine, and the reports that they yield."""
