-- Whether a message is kept already is asked for every one that may have been sent before. By time alone that
-- reads a whole day's entries each time: whoever sends noise made it slower with every piece.
create index quarantine_same on quarantine (sha256(payload), received_at);
