"""Where alarms are told together: on a river, or in a town. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.annunciation.plan import Group
from core.alarms import AlarmClass
from core.areas import Area


class Places:
    """The county's areas, for groups and their names in one language."""

    def __init__(self, areas: Iterable[Area], language: str) -> None:
        self._areas = {area.code: area for area in areas}
        self._language = language

    def group(self, hazard: str, river: str | None, area: str | None) -> Group:
        """Water on a river belongs to the river, everything else to its town (or the county)."""
        if hazard == AlarmClass.WATER and river:
            return Group("river", river, hazard)
        return Group("town", self._town(area), hazard)

    def name(self, code: str | None) -> str:
        """An area as people call it."""
        area = self._areas.get(code or "")
        if area is None:
            return code or ""
        return area.name if self._language == "zh" else area.name_en or area.name

    def group_name(self, group: Group) -> str:
        """Where a group is."""
        return (group.place or "") if group.kind == "river" else self.name(group.place)

    def _town(self, code: str | None) -> str | None:
        """The town that the area is or lies in, else the county itself."""
        area = self._areas.get(code) if code else self._county()
        while area is not None and area.kind not in ("town", "county") and area.parent:
            area = self._areas.get(area.parent)
        return area.code if area else code

    def _county(self) -> Area | None:
        return next((area for area in self._areas.values() if area.parent is None), None)
