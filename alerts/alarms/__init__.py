"""What becomes of an alarm: the state machine, the course of a series under its limits, the rows that both move.

Pure are `happenings` and `machine` (ISA-18.2), `course`, `sift`, `lines` and `inhibition`. `batch` is one transaction of
the evaluator, `work` one subject in it, `book` its alarms; `memory` is what stays between two. `acts` is what a person or
a clock does, `suppress` and `hiding` what explains what.
"""
