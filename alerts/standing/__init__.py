"""Standing conditions: what is looked at, rather than told by an observation.

A finder says what holds now (a silent series, a warning in force, a typhoon that is near); the reconciler
compares that with the open alarms of the rule and moves them. What was missed while nobody looked is found
at the next look: nothing here remembers.
"""

from alerts.standing.battery import BatteryFinder
from alerts.standing.camera import CameraFinder
from alerts.standing.clock import ClockFinder
from alerts.standing.combined import CombinedFinder
from alerts.standing.device import DeviceFinder
from alerts.standing.duty import DutyFinder
from alerts.standing.finding import Finder
from alerts.standing.isolation import IsolationFinder
from alerts.standing.link import LinkFinder
from alerts.standing.projection import ProjectionFinder
from alerts.standing.rain_area import RainAreaFinder
from alerts.standing.reports import ReportFinder
from alerts.standing.silence import SilenceFinder
from alerts.standing.typhoon import TyphoonFinder
from alerts.standing.watch import WatchFinder
from alerts.standing.weather import WeatherFinder

FINDERS: tuple[Finder, ...] = (
    ReportFinder(),
    CombinedFinder(),
    RainAreaFinder(),
    ProjectionFinder(),
    WeatherFinder(),
    TyphoonFinder(),
    WatchFinder(),
    LinkFinder(),
    SilenceFinder(),
    BatteryFinder(),
    ClockFinder(),
    CameraFinder(),
    DeviceFinder(),
    IsolationFinder(),
    DutyFinder(),
)
"""All finders, in the order in which they look: what explains others stands before what it explains."""
