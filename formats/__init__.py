"""Pure codecs, both ways: telemetry formats and signed envelopes."""
