"""The role `anlan derive`: what follows from observations, once, behind the receiver's back.

`process` takes turns among consumers of marks: `rollups` keeps the hours and days of each series,
`derived` computes series and tables from others. `retention` lets go what is too old, at night. One
process leads, others stand by; `anlan ingest` never waits for any of it.
"""
