"""What others on the broker mean: devices of sensor networks by their fields, and foreign topics by ours.

Written by people in `anlan.toml`, a table for every kind of device (docs/configuration.md):

    [ingest.mapping.radar]
    format = "tts"
    devices = ["radar-*"]
    fields.distance = { property = "water_level", unit = "mm", factor = -1, offset = 12.34 }
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

_Finite = Annotated[float, Field(allow_inf_nan=False)]


class FieldRule(BaseModel):
    """One field: observation = factor × (value in the property's unit) + offset.

    `unit` is what the device sends, where the payload does not say it; none is the property's own.
    `offset` is in the property's unit. `offsets` gives it by station, for a sensor that looks down on the
    water from another height everywhere: level = mounting − distance. `period_s` is of totals; none is the
    mapping's, and then the station's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    property: str
    sensor: int = Field(default=1, ge=0, le=32_767)
    unit: str | None = None
    factor: _Finite = 1.0
    offset: _Finite | None = None
    offsets: dict[str, _Finite] = {}
    period_s: int | None = Field(default=None, ge=1, le=366 * 86_400)


class DeviceRule(BaseModel):
    """Devices of one kind: who they are, which station each is, and what their fields mean.

    `devices` and `topics` are shell patterns, of the device's name or identifier and of the last part of
    the topic. `station` is the code of a device's station, made of {device}, {id} and {topic};
    `stations` names it for single devices. Fields that match `ignore` are left out without a word.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str | None = Field(default=None, pattern="^(senml|tts|chirpstack|thingsboard)$")
    devices: list[str] = ["*"]
    topics: list[str] = ["*"]
    station: str = "{device}"
    stations: dict[str, str] = {}
    period_s: int | None = Field(default=None, ge=1, le=366 * 86_400)
    fields: dict[str, FieldRule] = {}
    ignore: list[str] = []


class RouteRule(BaseModel):
    """Messages on topics of others, read as if they came on one of ours.

    `filter` is an MQTT topic filter; `to` is a topic of the contract in which the first `+` stands for what the
    first `+` of the filter matched, and so on, and a final `#` for the rest.

        [ingest.route.valley]
        filter = "rtu/+/up"
        to = "anlan/sl651/+"
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    filter: str = Field(min_length=1, max_length=200)
    to: str = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _fits(self) -> RouteRule:
        for topic in (self.filter, self.to):
            levels = topic.split("/")
            if any(("+" in level or "#" in level) and len(level) > 1 for level in levels):
                raise ValueError(f"{topic}: + and # stand alone between slashes")
            if "#" in levels[:-1]:
                raise ValueError(f"{topic}: # stands at the end only")
        if self.filter.startswith(("anlan/", "$", "#", "+")):
            raise ValueError(
                f"{self.filter}: a filter of foreign topics, which begins with a word of their own"
            )
        if not self.to.startswith("anlan/"):
            raise ValueError(f"{self.to}: a topic of ours begins with anlan/")
        levels = self.to.split("/")
        kind = levels[3:4] if levels[1] == "drill" else levels[1:2]
        if not kind or kind[0] in ("+", "#"):
            raise ValueError(
                f"{self.to}: name what it is (anlan/obs/+, anlan/drill/+/obs/+); who writes the foreign topic must"
                " not choose whether it is a drill, or a warning, or another's station"
            )
        counts = [(topic.split("/").count("+"), topic.endswith("#")) for topic in (self.filter, self.to)]
        if counts[0] != counts[1]:
            raise ValueError(f"{self.filter} and {self.to} differ in the number of + or #")
        return self
