"""Limits and their completeness: what every station should have, what a change would relax, who may change it.

Pure are `completeness` and `relaxing`; `acts` writes, and asks for a second person where a change could keep
a flood from being heard.
"""
