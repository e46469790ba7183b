"""A typhoon over the invented county: wind, rain, rivers, reservoirs, sluices, tide. Pure functions.

`track` reads a best track, `wind` and `rain` make the storm's fields, `runoff`, `pools` and `tide` the
county's answer, `simulation` runs all of it once and holds every station's values.
"""
