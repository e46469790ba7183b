"""Benchmarks on throw-away services with durable settings: each `measure` gives figures for one JSON line.

Called by `anlan bench`; nothing else imports this.
"""
