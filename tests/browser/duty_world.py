"""A roster for the small county: county and towns, a substitute, gaps, a shift, chains, a hand-over."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from psycopg import Connection

from core.alarms import AlarmClass
from core.call_chains import CallChain, member_of
from core.duty import Shift, Turn, rota_of
from core.orders import Channel
from core.severity import Severity
from store import duty
from store.call_chains import save_call_chain
from tests.browser.county import COUNTY

CHANGED = timedelta(minutes=40)
"""So long ago the county's desk changed hands."""


def fill_duty(connection: Connection[Any], now: datetime) -> None:
    """Writes it. The caller commits."""
    connection.execute("delete from roster")
    towns = [
        row[0]
        for row in connection.execute("select code from area where kind = 'town' order by code limit 9")
    ]
    day = timedelta(days=1)
    turns = []
    for n in range(-1, 15):
        begin = now - CHANGED + n * day
        if n != 6:
            turns.append(Turn(COUNTY, "duty", f"{towns[0]}{n % 4}", begin, begin + day))
        turns.append(Turn(COUNTY, "leader", f"{towns[1]}0", begin, begin + day))
        for m, town in enumerate(towns[:8]):
            if (n, m) not in ((0, 5), (3, 2), (4, 2)):
                end = begin + day - (timedelta(hours=3) if (n, m) == (2, 1) else timedelta())
                turns.append(Turn(town, "duty", f"{town}{n % 3}", begin, end))
    duty.add_turns(connection, turns, by="test", at=now)
    duty.add_absence(
        connection, f"{towns[2]}0", f"{towns[2]}4", now - CHANGED, now + day, reason="病假", by="lin", at=now
    )
    duty.add_absence(
        connection,
        f"{towns[0]}2",
        f"{towns[1]}3",
        now + day,
        now + 4 * day,
        reason="外出开会",
        by="lin",
        at=now,
    )
    shift = Shift(
        "county-night", "县值班 24 小时班", COUNTY, "duty", time(8, 30), time(8, 30), (1, 2, 3, 4, 5, 6, 7),
        now.date(), rota_of(f"{towns[0]}0+{towns[0]}1;{towns[0]}2;{towns[0]}3"),
    )  # fmt: skip
    duty.save_shift(connection, shift, by="test", at=now)
    connection.execute("update person set phone2 = '05741234567' where code = %s", (f"{towns[0]}0",))
    connection.execute(
        "insert into device (code, kind, name, name_en, area, lon, lat, columns, rows, internal) values"
        " ('DUTY-LED', 'led', '值班室屏', 'Duty room screen', %s, 121.87, 29.47, 16, 4, true)",
        (COUNTY,),
    )
    for code, name, area, hazard, least, members in (
        ("water-red", "水情红色", COUNTY, AlarmClass.WATER, Severity.RED, "duty leader post:镇级负责人"),
        (
            "town-rain",
            "泗洲头山洪",
            towns[0],
            AlarmClass.RAIN,
            None,
            "duty post:巡查责任人:AB person:" + f"{towns[0]}1",
        ),
    ):
        chain = CallChain(
            code, name, area, hazard, least, tuple(map(member_of, members.split())),
            channels=(Channel.SMS2,) if code == "town-rain" else None, source="县防汛预案",
        )  # fmt: skip
        save_call_chain(connection, chain, by="test", at=now)
