/* Areal rain beside the warnings: the county first, then towns, basins or rivers, wettest of three hours first. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const WINDOWS = { one: 3600, three: 10800, day: 86400 };
  let kind = "town", found = null, fault = "", begun = null;

  const ask = anlan.every(function () { return 60; }, async function () {
    const tabs = anlan.byId("places-tabs");
    if (!tabs || !anlan.ready) return;
    if (begun !== tabs) {
      begun = tabs;
      anlan.choice(tabs, "places", function (value) { anlan.rainLimits(value === "limits"); if (value !== "limits") { kind = value; paint(); } });
    }
    try { found = await anlan.api("GET", anlan.link("/rain/areas")); fault = ""; } catch (error) { fault = error.message; }
    paint();
  });
  anlan.onTick(function () { if (anlan.ready && anlan.byId("places-tabs") && begun !== anlan.byId("places-tabs")) ask(); });

  /* One row of a place with its windows. */
  function places() {
    const rows = new Map();
    (found || []).filter(function (one) { return one.kind === kind || one.kind === "county"; }).forEach(function (one) {
      const key = one.kind + " " + one.place;
      const row = rows.get(key) || { key: key, kind: one.kind, name: anlan.nameOf(one) || one.place, means: {} };
      row.means[one.window_s] = one;
      rows.set(key, row);
    });
    const amount = function (row) { const mean = row.means[WINDOWS.three]; return mean ? mean.mean : -1; };
    return Array.from(rows.values()).sort(function (a, b) {
      return (b.kind === "county") - (a.kind === "county") || amount(b) - amount(a) || a.name.localeCompare(b.name);
    });
  }

  function paint() {
    const rows = places(), none = anlan.byId("area-rain-none"), own = rows.filter(function (row) { return row.kind === kind; });
    const newest = rows.flatMap(function (row) { return Object.values(row.means); }).map(function (one) { return one.time; }).sort().pop();
    put(anlan.byId("area-rain-time"), fault && found ? t("not renewed: {fault}", { fault: fault }) : newest ? t("until {time}", { time: anlan.soon(newest) }) : "");
    anlan.show(none, !own.length);
    if (!own.length) put(none, found ? t("no areal rain of " + kind) : fault || t("loading"));
    anlan.sync(anlan.byId("area-rain-rows"), rows, function (row) { return row.key; }, create, update);
  }
  function create() {
    const cell = function (name) { return el("td.number", { "data-part": name }); };
    return el("tr", {}, el("td", { "data-part": "name" }), cell("one"), cell("three"), cell("day"), el("td.number.muted", { "data-part": "gauges" }));
  }
  function update(node, row) {
    const last = row.means[WINDOWS.one] || row.means[WINDOWS.three] || row.means[WINDOWS.day];
    node.dataset.place = row.key;
    const texts = { name: row.name, gauges: last ? last.reporting + "/" + last.stations : "—" };
    for (const name in WINDOWS) {
      const mean = row.means[WINDOWS[name]], cell = anlan.part(node, name);
      texts[name] = mean ? anlan.number(mean.mean, 1) : "—";
      anlan.cls(cell, "number" + (mean && anlan.secondsSince(mean.time) > 1800 ? " stale-value" : ""));
      cell.title = mean ? t("{share} % reported, most {mm} mm at {station}", { share: Math.floor(mean.coverage * 100), mm: anlan.number(mean.highest, 1), station: mean.highest_at }) + " · " + anlan.age(mean.time) : "";
    }
    anlan.fill(node, texts);
  }
})(window.anlan);
