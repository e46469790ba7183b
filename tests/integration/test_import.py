"""`anlan import`: all rows or none, every bad row named, nothing invented over anything real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from openpyxl import Workbook
from psycopg import Connection

from alerts.callees import Callees, callees
from cli.imports import ImportRefusedError, import_file
from cli.main import main
from core.alarms import AlarmClass
from core.people import Person
from core.severity import Severity
from drill.county import LISTS, list_file
from drill.county.generate import as_csv
from drill.county.roster import roster_rows
from store import areas, devices, duty, people, stations

ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def county(database: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The invented county, imported as real data by the command's own way in."""
    roster = tmp_path_factory.mktemp("roster") / "roster.csv"
    roster.write_text(as_csv(roster_rows(datetime.now(ZoneInfo(ZONE)).date(), ZONE)), encoding="utf-8")
    with psycopg.connect(database) as connection:
        for kind, path in (*((kind, list_file(kind)) for kind in LISTS), ("roster", roster)):
            import_file(connection, kind, path, actor="test", zone=ZONE, language="en")
    return database


@pytest.fixture
def connection(county: str) -> Iterator[Connection[Any]]:
    """Rolled back at the end."""
    with psycopg.connect(county) as opened:
        yield opened
        opened.rollback()


def bring(connection: Connection[Any], tmp_path: Path, kind: str, text: str, **options: Any) -> None:
    path = tmp_path / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    import_file(connection, kind, path, actor="test", zone=ZONE, language="en", **options)


def refused(connection: Connection[Any], tmp_path: Path, kind: str, text: str) -> list[str]:
    """The faults as `row column message`."""
    with pytest.raises(ImportRefusedError) as caught:
        bring(connection, tmp_path, kind, text)
    assert "nothing was imported" in str(caught.value)
    return [f"{fault.row} {fault.column} {fault.message}" for fault in caught.value.faults]


def test_the_whole_county_is_there(connection: Connection[Any]) -> None:
    assert len(stations.stations(connection)) == 111
    assert len(areas.shelters(connection)) == 42
    assert len(people.persons(connection)) == 160
    assert len(devices.devices(connection)) == 130
    assert len(areas.areas(connection, within="330299004")) == 1 + 3 + len(
        [one for one in areas.areas(connection, within="330299004") if one.kind == "hamlet"]
    )
    outline = areas.area(connection, "330299").outline
    assert outline is not None
    assert outline["type"] == "MultiPolygon"


def called(connection: Connection[Any], area: str, at: datetime, severity: Severity | None = None) -> Callees:
    return callees(connection, hazard=AlarmClass.WATER, area=area, severity=severity, at=at, exercise=None)


def test_somebody_is_on_duty_now_in_each_town_and_the_county(connection: Connection[Any]) -> None:
    now = datetime.now(UTC)
    for area in areas.areas(connection, within="330299"):
        found = called(connection, area.code, now)
        expected = "330299" if area.kind == "county" else area.code[:9]
        assert (found.desk, found.reason) == (expected, "duty")
        assert len(found.persons) == 1
    leaders = [
        one for one in duty.turns(connection, now, now + timedelta(seconds=1)) if one.position == "leader"
    ]
    assert [one.area for one in leaders] == ["330299"]


def test_the_same_file_again_changes_nothing(connection: Connection[Any]) -> None:
    for kind in LISTS:
        done = import_file(connection, kind, list_file(kind), actor="test", zone=ZONE, language="en")
        assert done.changed == 0, kind


def test_an_import_leaves_a_line_in_the_audit(connection: Connection[Any]) -> None:
    rows = connection.execute("select actor, subject, detail from audit where action = 'import'").fetchall()
    assert {row[1] for row in rows} == {*LISTS, "roster"}
    assert {row[0] for row in rows} == {"test"}
    assert next(row[2]["rows"] for row in rows if row[1] == "people") == 160


def test_one_bad_row_keeps_all_out_and_every_fault_is_named(
    connection: Connection[Any], tmp_path: Path
) -> None:
    before = len(stations.stations(connection))
    faults = refused(
        connection,
        tmp_path,
        "stations",
        "code,name,kind,area,lon,lat,period_s\n"
        "new-1,好站,ZZ,330299001,121.9,29.5,300\n"
        "new 2,<script>alert(1)</script>,ZZ,330299001,121.9,29.5,300\n"
        "new-3,站,XX,nowhere,200,abc,0\n"
        "new-1,再来,ZZ,330299001,121.9,29.5,300\n",
    )
    assert [re.match(r"(\d+ \w+)", fault)[1] for fault in faults] == [  # type: ignore[index]
        "3 code", "3 name", "4 area", "4 kind", "4 lat", "4 lon", "4 period_s", "5 code",
    ]  # fmt: skip
    assert "row 2" in faults[-1]
    assert len(stations.stations(connection)) == before


def test_a_limit_over_another_datum_is_refused_and_listed(
    connection: Connection[Any], tmp_path: Path
) -> None:
    head = "station,property,name,severity,value,datum,source\n"
    faults = refused(
        connection,
        tmp_path,
        "thresholds",
        head
        + "99022001,water_level,warning,yellow,17.2,吴淞,x\n"
        + "99022001,water_level,warning,,0,85高程,x\n"
        + "99022001,water_level,mine,purple,3,85高程,x\n"
        + "99022002,water_level,warning,,1,85高程,\n",
    )
    assert [fault.split()[:2] for fault in faults] == [
        ["2", "datum"], ["3", "name"], ["3", "value"], ["4", "severity"], ["5", "source"],
    ]  # fmt: skip
    assert "吴淞" in faults[0]


def test_a_stations_datum_cannot_change_under_its_limits(connection: Connection[Any], tmp_path: Path) -> None:
    faults = refused(
        connection,
        tmp_path,
        "stations",
        "code,name,kind,area,lon,lat,datum\n99022001,大塘溪上游站,ZZ,330299001,121.9,29.5,吴淞\n",
    )
    assert faults
    assert all(" datum " in fault for fault in faults)


def test_a_changed_limit_keeps_the_old_one_as_history(connection: Connection[Any], tmp_path: Path) -> None:
    head = "station,property,name,severity,value,datum,source\n"
    bring(connection, tmp_path, "thresholds", head + "99022001,water_level,warning,,17.1,85高程,new plan\n")
    standing = {one.name: one for one in stations.thresholds(connection, "99022001")}
    assert (standing["warning"].value, standing["warning"].version) == (17.1, 2)
    rows = connection.execute(
        "select version, replaced_at is null from threshold where station = '99022001' and name = 'warning'"
        " order by version"
    ).fetchall()
    assert rows == [(1, False), (2, True)]


def test_a_drill_phone_is_nobodys_real_phone(connection: Connection[Any], tmp_path: Path) -> None:
    head = "code,name,phone,drill_phone,area,post\n"
    faults = refused(
        connection,
        tmp_path,
        "people",
        head
        + "N1,甲,18800000001,19900000002,330299,x\n"
        + "N2,乙,19910000003,,330299,x\n"
        + "N3,丙,call me,,330299,x\n",
    )
    assert [fault.split()[:2] for fault in faults] == [["2", "drill_phone"], ["3", "phone"], ["4", "phone"]]


def test_superiors_do_not_go_round_in_a_circle(connection: Connection[Any], tmp_path: Path) -> None:
    head = "code,name,phone,area,post,superior\n"
    faults = refused(
        connection,
        tmp_path,
        "people",
        head
        + "N1,甲,18800000001,330299,x,N2\nN2,乙,18800000002,330299,x,N1\nN3,丙,18800000003,330299,x,NN\n",
    )
    assert [fault.split()[:2] for fault in faults] == [
        ["2", "superior"],
        ["3", "superior"],
        ["4", "superior"],
    ]


def test_a_superior_may_stand_further_down_the_same_file(connection: Connection[Any], tmp_path: Path) -> None:
    head = "code,name,phone,area,post,superior,responsibilities\n"
    bring(
        connection,
        tmp_path,
        "people",
        head
        + "N1,甲,18800000001,330299001,x,N2,330299001:防汛:A;330299001:防汛副:B\nN2,乙,+86 188-0000-0002,330299,x,,\n",
    )
    assert people.person(connection, "N2").phone == "+8618800000002"
    held = [one for one in people.responsibilities(connection) if one.person == "N1"]
    assert {(one.post, one.turn) for one in held} == {("防汛", "A"), ("防汛副", "B")}


def test_what_is_invented_never_replaces_what_is_real(connection: Connection[Any], tmp_path: Path) -> None:
    text = "code,name,kind,area,lon,lat,datum\n99022001,冒名站,ZZ,330299001,121.9,29.5,85高程\n"
    with pytest.raises(ImportRefusedError, match="real"):
        bring(connection, tmp_path, "stations", text, origin="scenario:other")


def test_areas_hang_together(connection: Connection[Any], tmp_path: Path) -> None:
    head = "code,name,kind,parent,capacity,outline\n"
    faults = refused(
        connection,
        tmp_path,
        "areas",
        head
        + "A1,甲,village,,,\n"
        + "A2,乙,town,A3,,\n"
        + "A3,丙,hamlet,nowhere,,\n"
        + "A4,丁,shelter,330299,0,\n"
        + "A5,戊,county,,,not geojson\n",
    )
    assert [fault.split()[:2] for fault in faults] == [
        ["2", "parent"], ["3", "parent"], ["4", "parent"], ["5", "capacity"], ["6", "outline"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "outline",
    ["[]", "{}", '{"type": "Point", "coordinates": [1, 2]}', '{"type": "Polygon", "coordinates": [1e999]}',
     '{"type": "Polygon", "coordinates": [[[1e999, 2], [3, 4], [1, 2]]]}',
     '{"type": "Polygon", "coordinates": [[["<b>", 2], [3, 4]]]}', '{"type": "Polygon", "coordinates": [[[200, 2]]]}',
     '{"type": "Polygon", "coordinates": [[[]]]}', '{"type": "Polygon", "coordinates": {"a": 1}}'],
)  # fmt: skip
def test_an_outline_that_no_map_can_draw_is_refused(
    connection: Connection[Any], tmp_path: Path, outline: str
) -> None:
    cell = outline.replace('"', '""')
    text = f'code,name,kind,parent,outline\nT9,镇,town,330299,"{cell}"\n'
    assert refused(connection, tmp_path, "areas", text) == [
        "2 outline is no GeoJSON geometry; leave it empty if none is known"
    ]


def test_a_screen_needs_its_size_and_a_key_must_be_one(connection: Connection[Any], tmp_path: Path) -> None:
    head = "code,kind,name,area,lon,lat,columns,rows,public_key\n"
    faults = refused(
        connection,
        tmp_path,
        "devices",
        head + "D1,led,屏,330299,121,29,,,\nD2,loudspeaker,喇叭,330299,121,29,,,nokey\n",
    )
    assert [fault.split()[:2] for fault in faults] == [["2", "columns"], ["2", "rows"], ["3", "public_key"]]
    stream = "code,name,area,lon,lat,stream\nC1,机,330299,121,29,javascript:alert(1)\n"
    assert refused(connection, tmp_path, "cameras", stream)[0].startswith("2 stream")


def test_a_roster_in_local_time_and_in_excel(connection: Connection[Any], tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["区划", "人员", "岗位", "开始", "结束"])
    sheet.append(["330299001", "P00101", "leader", "2030-01-01 08:30", "2030-01-02 08:30"])
    book.save(tmp_path / "roster.xlsx")
    path = tmp_path / "roster.xlsx"
    import_file(connection, "roster", path, actor="test", zone=ZONE, language="zh")
    at = datetime(2030, 1, 1, 1, 0, tzinfo=UTC)
    (turn,) = duty.turns(connection, at, at + timedelta(seconds=1))
    assert (turn.area, turn.person, turn.position) == ("330299001", "P00101", "leader")
    faults = refused(
        connection,
        tmp_path,
        "roster",
        "area,person,starts,ends\n330299001,P00101,2030-01-02 08:30,2030-01-01 08:30\nX,Y,soon,later\n",
    )
    assert [fault.split()[:2] for fault in faults] == [
        ["2", "ends"], ["3", "area"], ["3", "ends"], ["3", "ends"], ["3", "person"], ["3", "starts"],
    ]  # fmt: skip


def test_who_is_inactive_is_not_on_duty(connection: Connection[Any]) -> None:
    now = datetime.now(UTC)
    officer: Person = called(connection, "330299001", now).persons[0]
    connection.execute("update person set active = false where code = %s", (officer.code,))
    assert called(connection, "330299001", now).desk == "330299"


def test_a_substitute_of_the_roster_is_called_for_this_turn_only(
    connection: Connection[Any], tmp_path: Path
) -> None:
    path = tmp_path / "roster.csv"
    head = "area,person,starts,ends,substitute,reason\n"
    row = "330299002,P00201,2030-02-01 08:30,2030-02-02 08:30,P00202,病假\n"
    path.write_text(head + row, encoding="utf-8")
    for changed in (1, 0):
        done = import_file(connection, "roster", path, actor="test", zone=ZONE, language="zh")
        assert done.changed == changed
    at = datetime(2030, 2, 1, 4, tzinfo=UTC)
    found = called(connection, "330299002", at)
    assert (found.codes, found.stands_in) == (("P00202",), {"P00202": "P00201"})
    faults = refused(
        connection, tmp_path, "roster",
        head + "330299002,P00201,2030-02-03 08:30,2030-02-04 08:30,P00201,\n"
        "330299002,P00202,2030-02-03 08:30,2030-02-04 08:30,P00201,\n",
    )  # fmt: skip
    assert [fault.split()[:2] for fault in faults] == [["2", "reason"], ["2", "substitute"], ["3", "reason"]]


def test_chains_are_imported_and_decide_who_is_called(connection: Connection[Any], tmp_path: Path) -> None:
    path = tmp_path / "chains.csv"
    path.write_text(
        "编码,名称,区划,灾种,最低级别,呼叫对象,渠道,静默时段,来源\n"
        "W1,水情红色,330299,water,red,值班;duty@330299;person:P0001,sms2;led,never,县预案\n"
        "T1,三镇,330299003,,,leader,,21:30-06:00,县预案\n",
        encoding="utf-8",
    )
    for changed in (2, 0):
        done = import_file(connection, "chains", path, actor="test", zone=ZONE, language="zh")
        assert done.changed == changed
    now = datetime.now(UTC)
    red = called(connection, "330299004", now, Severity.RED)
    assert red.reason == "chain:W1"
    assert "P0001" in red.codes
    assert len(red.persons) == 3
    assert [str(one) for one in red.channels] == ["sms", "sms2", "led"]
    assert called(connection, "330299004", now, Severity.ORANGE).reason == "duty"
    assert called(connection, "330299003", now, Severity.RED).reason == "chain:T1"
    connection.execute("delete from call_chain")


def test_what_is_wrong_in_chains_and_shifts_is_named(connection: Connection[Any], tmp_path: Path) -> None:
    faults = refused(
        connection, tmp_path, "chains",
        "code,name,area,hazard,least,members,channels,quiet,source\n"
        "A,甲,X,fire,pink,boss,fax,22,s\nB,乙,330299,,,person:nobody;post:无此职务;duty@Y,,,s\nB,丙,330299,,,,,,s\n",
    )  # fmt: skip
    assert [fault.split()[:2] for fault in faults] == [
        ["2", "area"], ["2", "channels"], ["2", "hazard"], ["2", "least"], ["2", "members"], ["2", "quiet"], ["3", "members"], ["3", "members"], ["3", "members"], ["4", "code"], ["4", "members"],
    ]  # fmt: skip
    faults = refused(
        connection, tmp_path, "shifts",
        "code,name,area,starts,ends,days,first_day,rota\nS,夜,330299,25:00,x,8,soon,;\nS2,日,330299,8:00,17:00,,2030-01-01,nobody\n",
    )  # fmt: skip
    assert [fault.split()[:2] for fault in faults] == [
        ["2", "days"], ["2", "ends"], ["2", "first_day"], ["2", "rota"], ["2", "starts"], ["3", "rota"], ["3", "starts"],
    ]  # fmt: skip


def test_a_second_number_is_nobody_s_drill_phone(connection: Connection[Any], tmp_path: Path) -> None:
    head = "code,name,phone,phone2,drill_phone,area,post\n"
    faults = refused(
        connection, tmp_path, "people",
        head + "N1,甲,18800000001,18800000001,,330299,值班\nN2,乙,18800000002,18800000003,,330299,值班\n"
        "N3,丙,18800000004,,18800000003,330299,值班\n",
    )  # fmt: skip
    assert [fault.split()[:2] for fault in faults] == [["2", "phone2"], ["3", "phone2"], ["4", "drill_phone"]]


def test_the_command_says_it_in_chinese_and_fails(
    county: str,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        if name.startswith("ANLAN_"):
            monkeypatch.setenv(name, value)
    path = tmp_path / "cameras.csv"
    path.write_text("编码,名称,区划,经度,纬度\nCAM-900,<b>机</b>,330299,121,29\n", encoding="gbk")
    assert main(["import", "cameras", str(path)]) == 2
    said = capsys.readouterr().err
    assert "第 2 行，name 列" in said
    path.write_text("编码,名称,区划,经度,纬度\nCAM-900,九百号机,330299,121,29\n", encoding="gbk")
    assert main(["import", "cameras", str(path)]) == 0
    assert "共 1 行" in capsys.readouterr().out
