"""What an operator sees of the assistant: log lines, figures and traces, never what somebody asked."""
