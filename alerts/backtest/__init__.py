"""What would this rule have done last year? The live evaluator's own code over stored data.

Pure are `course` (one subject), `load` (what it means for the desk) and `comparison` (before and after a
change); `reading` streams observations through them, `work` does what a page asked for, in a process of its own
(`python -m alerts.backtest ID`).
"""
