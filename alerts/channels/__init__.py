"""Channels: the thin edges to the SMS gateway and to devices. They send and hear, and decide nothing."""
