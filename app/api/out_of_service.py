"""Out of service (停用): what is, until when and why; take out by two persons, put back by one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query
from psycopg import Connection
from pydantic import AwareDatetime, BaseModel, Field

from alerts import second_person, service
from alerts.notices import Wording
from app.api.asking import Done, Limit, Who, act_in, actor, problems, see_area
from app.api.requests import SilencedOut, require_acting, silenced_out
from core.requests import Proposal, RequestKind
from core.roles import Act
from store import requests
from store import service as store
from store.cameras import camera
from store.devices import device
from store.stations import station

if TYPE_CHECKING:
    from app.auth.identity import SignedIn
    from app.context import AppContext


class AbsenceOut(BaseModel):
    """Something out of service; over once `ended_at` is set."""

    id: int
    kind: str = Field(description="station, device or camera")
    subject: str
    name: str | None
    name_en: str | None
    area: str | None
    starts: datetime
    until: datetime = Field(description="then it ends by itself")
    reason: str
    by_user: str = Field(description="who asked for it")
    second: str = Field(description="who allowed it")
    request: int | None
    ended_at: datetime | None
    ended_by: str | None


class Wanted(BaseModel):
    """Until when, and why."""

    until: AwareDatetime = Field(description="at most 12 hours ahead")
    reason: str = Field(min_length=1, max_length=300)


class Proposed(BaseModel):
    """The request that waits for a second person, and exactly what it will silence."""

    request: int
    expires_at: datetime = Field(description="nobody may decide after this")
    silences: SilencedOut


Code = Annotated[str, Path(max_length=64)]


def out_of_service_routes(context: AppContext) -> APIRouter:
    """GET out-of-service; POST KIND/{code}/out-of-service, out-of-service/{id}/end."""
    router = APIRouter(tags=["out of service"])
    wording = Wording(context.settings.language, context.settings.time_zone)

    @router.get("/out-of-service", responses=problems())
    def absences(
        who: Who,
        ended: Annotated[bool, Query(description="also what is in service again, the newest first")] = False,
        limit: Limit = 1000,
    ) -> list[AbsenceOut]:
        """What is out of service in your area, what comes back first first. Stations flagged for good are not here."""
        with context.transaction() as connection:
            found = store.absences(connection, within=who.area, running=not ended, limit=limit)
        return [AbsenceOut(**asdict(one)) for one in found]

    @router.post("/out-of-service/{id}/end", responses=problems(403, 404, 409))
    def put_back(who: Who, id: int) -> Done:
        """Puts it back into service before its time; what stands of its alarms calls at once."""
        with context.transaction() as connection:
            act_in(connection, who, Act.SHELVE, store.absence(connection, id).area, f"absence {id}")
            service.put_back(connection, id, actor=who.name, at=context.clock(), wording=wording)
        return Done()

    def propose(
        connection: Connection[tuple[object, ...]], who: SignedIn, kind: str, code: str, wanted: Wanted
    ) -> Proposed:
        require_acting(who)
        proposal = Proposal(
            RequestKind.OUT_OF_SERVICE,
            f"{kind}/{code}",
            wanted.reason.strip(),
            wanted.until.astimezone(UTC),
        )
        number = second_person.propose(connection, proposal, actor(who), at=context.clock())
        request = requests.get(connection, number)
        return Proposed(
            request=number, expires_at=request.expires_at, silences=silenced_out(request.silences)
        )

    @router.post("/stations/{code}/out-of-service", status_code=201, responses=problems(403, 404, 409, 422))
    def take_station_out(who: Who, code: Code, wanted: Wanted) -> Proposed:
        """停用: proposed here; nothing falls silent before a second person allows it (`/requests`)."""
        with context.transaction() as connection:
            see_area(connection, who, station(connection, code).area, f"station {code!r}")
            return propose(connection, who, "station", code, wanted)

    @router.post("/devices/{code}/out-of-service", status_code=201, responses=problems(403, 404, 409, 422))
    def take_device_out(who: Who, code: Code, wanted: Wanted) -> Proposed:
        """As of a station, of a screen or loudspeaker."""
        with context.transaction() as connection:
            see_area(connection, who, device(connection, code).area, f"device {code!r}")
            return propose(connection, who, "device", code, wanted)

    @router.post("/cameras/{code}/out-of-service", status_code=201, responses=problems(403, 404, 409, 422))
    def take_camera_out(who: Who, code: Code, wanted: Wanted) -> Proposed:
        """As of a station, of a camera."""
        with context.transaction() as connection:
            see_area(connection, who, camera(connection, code).area, f"camera {code!r}")
            return propose(connection, who, "camera", code, wanted)

    return router
