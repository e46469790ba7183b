"""Pure judgement: the quality flag of a reading with its reason, and whether its time can be true.

`judgement` is a package: one file per test, and the trail that follows a series.
"""
