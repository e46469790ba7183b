"""Pure judgement and arithmetic: quality flags with reasons, windows, trends.

Call `judgement.judge` and `judge_time` for readings, `trend.slope_per_hour` for rates of rise,
`rain.sliding_sum` for rain windows.
"""
