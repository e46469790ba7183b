"""Pure judgement and arithmetic: quality flags with reasons, windows, trends."""
