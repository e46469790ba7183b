"""Issues forecasts of levels when readings come, and scores them when their time has passed.

`issue.step` takes marks of the consumer `forecast`, which `derived` passes on after it has fitted trends and surges;
`skill.step` computes the scores of whole days anew. Both are bounded, and may be done twice.
"""
