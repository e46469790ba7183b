"""Ground floor: the records everybody speaks, settings, clock, named errors, words.

Pure: nothing here opens a socket, a database or a page, and nothing here imports another room.
"""
