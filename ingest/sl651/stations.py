"""Which station an address in a frame is, what must be known to read it, and from where it may speak.

Remembered for a while like the directory's stations; an address that is not known is looked up anew once
in every batch, so a source imported a second ago is found.
"""

from __future__ import annotations

import time
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from core.faults import Fault, FaultReason, quoted
from formats.sl651 import Frame, HourTime, StationFacts, station_codes
from ingest.routes import Route
from ingest.sl651.strangers import Strangers
from ingest.sl651.talk import Refusal
from store.station_sources import StationSource, sources

if TYPE_CHECKING:
    from ingest.directory import Directory
    from ingest.understood import Known

_REMEMBERED_S = 30.0


class Stations:
    """Look-ups of one writer; not for several threads."""

    def __init__(self) -> None:
        self._by_address: dict[str, StationSource] = {}
        self._by_station: dict[str, StationSource] = {}
        self._loaded_at: float | None = None
        self._fresh = False
        self._unknown: set[str] = set()
        self.strangers = Strangers()

    def forget(self) -> None:
        """Everything is asked anew."""
        self._loaded_at = None

    def begin(self, connection: Connection[Any]) -> None:
        """A new batch."""
        self._fresh = False
        self._unknown.clear()
        if self._loaded_at is None or time.monotonic() - self._loaded_at > _REMEMBERED_S:
            self._load(connection)

    def source(self, connection: Connection[Any], address: str) -> StationSource | None:
        """How the station of an address is to be spoken with, if anybody has said."""
        found = self._by_address.get(address)
        if found is None and not self._fresh:
            self._load(connection)
            found = self._by_address.get(address)
        return found

    def facts(self, connection: Connection[Any], directory: Directory, address: str) -> StationFacts:
        """What the decoder must know; the likeliest code where no station is found."""
        source = self.source(connection, address)
        if source is not None:
            return StationFacts(source.station, source.bases_m, HourTime(source.hour_label))
        candidates = station_codes(address)
        if address not in self._unknown:
            known = directory.known(connection, (), candidates).stations
            for code in candidates:
                if code in known:
                    return StationFacts(code)
            self._unknown.add(address)
        return StationFacts(candidates[0])

    def stranger(
        self, connection: Connection[Any], directory: Directory, frame: Frame, route: Route, known: Known
    ) -> tuple[Fault, Refusal | None] | None:
        """Why the sender of a frame may not speak as the station that it names, and what follows from it.

        A station's own login at the broker speaks for that station alone. By a connection only who is
        listed with its network speaks, for the protocol proves nothing.
        """
        source = self.source(connection, frame.address)
        code = source.station if source else self.facts(connection, directory, frame.address).code
        if source is not None and source.password is not None and source.password != frame.password:
            fault = Fault(
                FaultReason.WRONG_PASSWORD, f"a frame of {code} does not bear the password listed for it."
            )
            return fault, self._refusal(route)
        if not route.address:
            if is_single(route, known) and code != route.code:
                return _foreign(f"the topic of {route.code}", frame.address), None
            return None
        place = _address(route.address)
        if source is not None and place is not None and _within(place, source):
            return None
        refusal = self._refusal(route)
        if code not in directory.known(connection, (), [code]).stations:
            fault = Fault(
                FaultReason.UNKNOWN_STATION,
                f"station {quoted(code)} is not known; import it and its source, then: anlan quarantine retry.",
            )
        else:
            fault = Fault(
                FaultReason.FOREIGN_SOURCE,
                f"{route.address} is not listed as a source of station {code}; if it is the station's, add its"
                " network (anlan import sources), then: anlan quarantine retry.",
            )
        return fault, refusal

    def _refusal(self, route: Route) -> Refusal:
        """Where other stations dial in from too, they must not suffer for one of them."""
        place = _address(route.address)
        expected = place is not None and any(_within(place, one) for one in self._by_address.values())
        return Refusal.CONNECTION if expected else Refusal.ADDRESS

    def may_relay(self, route: Route, station: str) -> bool:
        """Whether a connection may bring values of this station."""
        source = self._by_station.get(station)
        place = _address(route.address)
        return source is not None and place is not None and _within(place, source)

    def named(self, station: str) -> StationSource | None:
        """The source of a station by its code."""
        return self._by_station.get(station)

    def _load(self, connection: Connection[Any]) -> None:
        self._fresh = True
        self._loaded_at = time.monotonic()
        self._by_address = {source.address: source for source in sources(connection)}
        self._by_station = {source.station: source for source in self._by_address.values()}


def is_single(route: Route, known: Known) -> bool:
    """True of a topic that belongs to a station, camera or device, which has a login of its own."""
    return route.code in known.stations or route.code in known.cameras or route.code in known.devices


def _foreign(whose: str, address: str) -> Fault:
    return Fault(
        FaultReason.FOREIGN_STATION,
        f"{whose} may not speak for the station with address {address}; a gateway needs a topic of its own.",
    )


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _within(place: IPv4Address | IPv6Address, source: StationSource) -> bool:
    return any(place in network for network in source.networks)
