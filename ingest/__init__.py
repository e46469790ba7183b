"""The receiver: MQTT → format → judgement → store, nothing lost and nothing doubled.

`process.run` is the role `anlan ingest`; `retry.retry` reads quarantined messages again on the same
path. A batch of messages is written in one transaction, and only after its commit are the messages
acknowledged to the broker, and to senders that gave a `seq`.
"""
