"""Stations that speak SL 651: whose frames they are, packets that wait for the rest, what is said back.

`gathering.gather` makes whole transfers of a message within the transaction of its batch, `kinds/sl651.py`
reads them, `telemetry.Telemetry` holds the listener for stations that dial in and looks after what is due
without a message: packets that did not come, and hours that are missing.
"""
