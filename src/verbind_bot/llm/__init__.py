"""The wire to a language model: any OpenAI-compatible endpoint, off unless it is set. See docs/llm.md."""
