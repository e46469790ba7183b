"""Where a level will stand within the next three hours, as a range, and how good such words have been.

Each source has a module that makes a `Forecast` or says None where it knows too little: `trend` (the fitted
rate), `tide` (moon and sun, and the present surge), `upstream` (corresponding stages by the travel time of the
flood). `crossing` tells when limits are reached and which source is shown; `skill` scores what was said against
what was read. Nothing reaches beyond `LONGEST_S`.
"""

from hydrology.forecasts.crossing import Crossing, Limit, chosen, crossings, next_limit
from hydrology.forecasts.record import LONGEST_S, Forecast, ForecastPoint, Source

__all__ = [
    "LONGEST_S",
    "Crossing",
    "Forecast",
    "ForecastPoint",
    "Limit",
    "Source",
    "chosen",
    "crossings",
    "next_limit",
]
