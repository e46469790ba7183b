"""Rules: what is compared with what, and what holds after a reading. Pure, one module for each kind.

Rooms above import the kinds themselves: `alerts.rules.levels` (limits of a value).
"""
