"""The simulated field: stations, screens, loudspeakers, phones, cameras, and replays of past floods.

It speaks only the wire (MQTT, the SMS centre's socket, HTTP for audio), as the real field does, and
reads what it plays from scenario files, never from the database.

Others call `drill.scenario` (what there is to play), `drill.replay` (a past flood as a timeline),
`drill.outbox` and `drill.publisher` (sending until the centre has acknowledged), `drill.county`
(the invented county's files) and `drill.field` (its simulated devices).
"""
