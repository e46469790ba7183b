"""Live push: one LISTEN per process, merged per browser, numbered, with a snapshot after any gap.

`hub.Hub` is started with the server. A page subscribes through `AppContext.stream`.
"""
