"""Stations that speak SL 651: whether they can dial in, who of them is listed, and what they give away."""

import socket
from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from cli.doctor.finding import Finding, bad, good, warning
from core.errors import AnlanError
from core.settings import Settings
from store.connection import connect
from store.migrate import pending
from store.station_sources import proposals, sources

_MOST_NAMED = 5
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def examine_telemetry(settings: Settings) -> Iterator[Finding]:
    """Nothing where no station is listed and no port is set; a database that is away is told elsewhere."""
    port = settings.ingest.sl651_port
    try:
        url = settings.need_database()
        if pending(url):
            return
        with connect(url, name="doctor") as connection:
            yield from _stations(connection, port)
    except AnlanError:
        return
    if port:
        yield _listener(settings.ingest.sl651_host, port)


def _stations(connection: Connection[Any], port: int | None) -> Iterator[Finding]:
    listed = sources(connection)
    dialling = [source for source in listed if source.networks]
    if port is not None and not dialling:
        yield warning(
            "SL 651",
            "no station is listed with a network: nobody who dials in is believed",
            "anlan import sources FILE",
        )
    elif dialling and port is None:
        yield warning(
            "SL 651",
            f"{len(dialling)} stations are listed to dial in, and no port is set",
            "set ANLAN_INGEST__SL651_PORT",
        )
    elif listed:
        yield good("SL 651", f"{len(listed)} stations are listed, {len(dialling)} of them dial in")
    proposed = proposals(connection)
    if proposed:
        named = "; ".join(
            f"{one.station} level {one.level}: {one.proposed_m:.2f} m"
            + (f" (set: {one.base_m:.2f} m)" if one.base_m is not None else "")
            for one in proposed[:_MOST_NAMED]
        )
        yield warning(
            "base levels",
            f"{len(proposed)} that stations' own levels give away differ from what is set: {named}",
            "compare with the station's papers, then: anlan import sources FILE",
        )


def _listener(host: str, port: int) -> Finding:
    place = _EVERYWHERE.get(host, host)
    try:
        socket.create_connection((place, port), timeout=3).close()
    except OSError as error:
        return bad("SL 651 port", f"nobody listens on {host}:{port} ({error})", "anlan ingest; see its log")
    return good("SL 651 port", f"stations can dial in on {host}:{port}")
