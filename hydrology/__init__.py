"""Pure judgement: the quality flag of a reading with its reason, and whether its time can be true.

Call `judgement.judge` and `judge_time`.
"""
