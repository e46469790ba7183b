/* Feeds the map in its frame: it is loaded once, and told by postMessage what changed. */
(function (anlan) {
  "use strict";

  anlan.feedMap = function (frame, textPx, touched) {
    let ready = false, due = 0, last = {};
    const begun = [];

    function tell(message) { if (ready) frame.contentWindow.postMessage(message, window.location.origin); }
    function tellIfNew(name, message) {
      const now = JSON.stringify(message);
      if (last[name] === now) return;
      last[name] = now;
      tell(message);
    }

    window.addEventListener("message", function (event) {
      if (event.origin !== window.location.origin || event.source !== frame.contentWindow) return;
      const message = event.data || {};
      if (message.type === "map-ready") { ready = true; last = {}; base(); draw(); begun.forEach(function (one) { one(); }); }
      if ((message.type === "map-touched" || message.type === "map-pick") && touched) touched(message);
    });
    window.addEventListener("resize", function () { base(); });

    /* What the page lays over the map, in the map's own pixels: labels keep clear of it. */
    function covered() {
      const at = frame.getBoundingClientRect();
      return Array.from(frame.parentNode.querySelectorAll(".layers")).map(function (element) {
        const box = element.getBoundingClientRect();
        return { x: box.left - at.left, y: box.top - at.top, w: box.width, h: box.height };
      });
    }

    function base() {
      const home = anlan.page.home || { areas: [] };
      tellIfNew("base", {
        type: "base", outline: home.outline, theme: anlan.page.theme, textPx: textPx(), covered: covered(),
        towns: home.areas.filter(function (area) { return area.kind === "town"; }).map(function (area) {
          return { name: anlan.nameOf(area), lat: area.lat, lon: area.lon };
        }),
      });
    }

    function stationRow(station) {
      const reading = anlan.mainReading(station.code), alarm = anlan.alarmAt(station.code);
      const state = anlan.stateOf(station, reading), severity = anlan.severityAt(station.code, reading);
      const age = reading ? anlan.when(reading.time) : anlan.t("never");
      return {
        id: station.code, kind: station.kind, name: anlan.nameOf(station), lat: station.lat, lon: station.lon,
        severity: severity || "", state: state, flash: Boolean(alarm && severity && anlan.isUnacknowledged(alarm)),
        value: ["missing", "off"].includes(state) ? anlan.stateText(state) : [["suspect", "refused"].includes(state) ? anlan.stateText(state) : "", anlan.standing(reading)].filter(Boolean).join(" "),
        note: [anlan.areaName(station), age].filter(Boolean).join(" · "),
      };
    }
    function simple(kind) {
      return function (row) {
        return {
          id: row.code, kind: kind || row.kind, name: anlan.nameOf(row), lat: row.lat, lon: row.lon, severity: "",
          trail: trail(row), state: !row.online ? "off" : anlan.deviceTrouble(row) ? "suspect" : "", value: anlan.deviceTrouble(row), note: anlan.areaName(row),
        };
      };
    }
    /* Where a patrol came along in the last hour. */
    function trail(row) {
      const since = anlan.now() / 1000 - 3600;
      return (row.trail || []).filter(function (at) { return at[2] > since; }).map(function (at) { return [at[0], at[1]]; });
    }
    function areaRow(row) {
      const all = function (name) { return row.areas.reduce(function (found, area) { return found.concat(area[name]); }, []); };
      return { id: row.id, colour: row.colour, polygons: all("polygons"), circles: all("circles") };
    }
    function typhoonRow(row) {
      const now = row.track[row.track.length - 1];
      if (!now) return null;
      const home = anlan.page.home, km = home && home.lat !== null ? anlan.kilometres(home, now) : null;
      return {
        name: anlan.typhoonName(row), lat: now.lat, lon: now.lon,
        note: [anlan.when(now.time), now.pressure_hpa ? Math.round(now.pressure_hpa) + " hPa" : ""].filter(Boolean).join(" · "),
        distance: km === null ? "" : Math.round(km) + " km",
        past: row.track.map(function (fix) { return [fix.lat, fix.lon]; }),
        forecast: row.forecast.filter(function (fix) { return fix.time > now.time; }).map(function (fix) { return [fix.lat, fix.lon]; }),
        circles: [7, 10, 12].filter(function (force) { return now["radius" + force + "_km"]; }).map(function (force) {
          const shape = (now.circles || []).find(function (one) { return one.force === force; }) || {};
          return { force: force, km: now["radius" + force + "_km"], shortest: shape.shortest_km, towards: shape.towards_deg, quadrants: shape.quadrants_km };
        }),
      };
    }

    function draw() {
      due = 0;
      if (!ready || !anlan.ready) return;
      tellIfNew("stations", { type: "rows", layer: "stations", rows: anlan.list("stations").map(stationRow) });
      tellIfNew("cameras", { type: "rows", layer: "cameras", rows: anlan.list("cameras").map(function (row) { return simple(row.kind === "patrol" ? "patrol" : "camera")(row); }) });
      tellIfNew("devices", { type: "rows", layer: "devices", rows: anlan.list("devices").map(simple()) });
      tellIfNew("areas", { type: "areas", rows: anlan.warnings("in_force").map(areaRow) });
      tellIfNew("typhoons", { type: "typhoons", rows: anlan.list("typhoons").map(typhoonRow).filter(Boolean) });
    }
    function soon() { if (!due) due = window.setTimeout(draw, 300); }

    anlan.onChange(soon);
    window.setInterval(soon, 15000);
    if (frame.contentWindow) frame.contentWindow.postMessage({ type: "hello" }, window.location.origin);
    return {
      focus: function (id) { tell({ type: "focus", id: id }); },
      /* `picture` as maps/static/live.js takes it; null takes it away. */
      image: function (picture) { tellIfNew("image", { type: "image", picture: picture }); },
      /* Shows these bounds [west, south, east, north] whole. */
      fit: function (bounds) { tell({ type: "fit", bounds: bounds }); },
      /* Called whenever the map begins anew and knows nothing of what was told before. */
      whenReady: function (begin) { begun.push(begin); if (ready) begin(); },
      layers: function (shown) { tell(Object.assign({ type: "layers" }, shown)); },
    };
  };
})(window.anlan);
