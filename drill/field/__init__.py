"""The simulated field of a storm scenario: what stands out there, each part its own process.

`drill.field.parts` names the parts; each has a `run` that lasts until SIGTERM. They share nothing but
the wire, the scenario's files and the moment at which the story began.
"""
