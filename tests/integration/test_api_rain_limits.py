"""Rain limits over the interface: hamlets and towns of one's area, the nearest to a limit first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

from core.rain_limits import Soil
from tests.integration import test_rain_area
from tests.integration.serving import served
from tests.integration.test_rain_area import AREAS, World

AROUND = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)


def test_what_has_fallen_of_each_limit_is_listed_within_ones_area(another_database: str) -> None:
    with psycopg.connect(another_database, autocommit=True) as connection:
        connection.execute(AREAS)
        connection.execute(
            "insert into area (code, name, name_en, kind, parent) values ('U', '乙镇', 'U', 'town', 'C')"
        )
        world = World(connection)
        world.station("P1")
        world.limit(Soil.ANY, 40, 60)
        world.put("P1", "rainfall_sliding", test_rain_area.HOUR, AROUND, 45.0)
    with served(another_database) as site:
        site.add_user("county", "duty")
        site.add_user("other", "duty", area="U")
        found = site.signed_in("county").get("/api/v1/rain/limits").json()
        assert [(one["area"], one["kind"], one["reporting"]) for one in found] == [
            ("H", "hamlet", 1),
            ("T", "town", 1),
        ]
        first = found[0]["limits"][0]
        assert (first["severity"], first["limit_mm"], first["mm"], first["gauge"]) == (
            "orange",
            40,
            45.0,
            "P1",
        )
        assert found[0]["soil"] == {"state": "normal", "source": "assumed", "value": None, "days": 0}
        assert site.signed_in("other").get("/api/v1/rain/limits").json() == []
        with site.connection() as inside:
            assert inside.execute("select count(*) from soil_state").fetchone() == (0,), (
                "looking keeps nothing"
            )
