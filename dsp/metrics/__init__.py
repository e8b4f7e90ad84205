"""The metric registry: every published figure, once, with its definition and its source."""
