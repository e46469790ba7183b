"""A simulated RTU that speaks SL 651 as real ones do: M1 to M4, by TCP or through a gateway to the broker.

`unit.Unit` is the station's program, pure; `lines` are its ways to the centre; `runner.run` lets it live on one.
"""
