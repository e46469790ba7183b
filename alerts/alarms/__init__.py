"""What becomes of an alarm: the state machine, the reading of late history, the rows that it moves.

Pure are `machine` (ISA-18.2), `course` (a series under its limits) and `late`; `book` writes what
they decide.
"""
