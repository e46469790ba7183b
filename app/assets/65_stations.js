/* The list of stations: what each says now, how it stands to its limits, how old it is. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t, byId = anlan.byId;
  const MARKS = { ZZ: "■", ZQ: "■", RR: "▼", TT: "◆", DD: "▲", PP: "●", MM: "●", DP: "⬟" };
  const UP = { station: true, kind: true, place: true, river: true, age: true };
  let root = null, sort = { by: "limits", up: false };
  const filter = { text: "", kind: "", town: "", state: "all" };

  anlan.pageScript("stations", function (found) {
    root = found;
    const asked = new URLSearchParams(window.location.search);
    filter.text = asked.get("q") || "";
    byId("station-search-place").append(el("input", { id: "station-search", type: "search", maxLength: 60, value: filter.text, placeholder: t("search stations"), "aria-label": t("search stations") }));
    byId("station-search").addEventListener("input", function (event) { filter.text = event.target.value; paint(); });
    [["station-kind", "kind"], ["station-town", "town"]].forEach(function (pair) {
      byId(pair[0]).addEventListener("change", function (event) { filter[pair[1]] = event.target.value; paint(); });
    });
    (anlan.page.home.areas || []).filter(function (area) { return area.kind === "town"; }).forEach(function (area) {
      byId("station-town").append(el("option", { value: area.code }, anlan.nameOf(area)));
    });
    anlan.choice(byId("station-state"), "state", function (value) { filter.state = value; paint(); });
    byId("station-table").querySelectorAll("[data-sort]").forEach(function (button) {
      button.addEventListener("click", function () {
        const by = button.dataset.sort;
        sort = { by: by, up: sort.by === by ? !sort.up : Boolean(UP[by]) };
        paint();
      });
    });
  });

  /* One line: the station, its main reading, and the words for both. */
  function line(station) {
    const reading = anlan.mainReading(station.code), state = anlan.stateOf(station, reading);
    const severity = anlan.severityAt(station.code, reading), alarm = anlan.alarmAt(station.code);
    const verify = Boolean(alarm && alarm.to_verify) || state === "suspect";
    return {
      code: station.code, station: station, reading: reading, state: state, severity: severity, verify: verify,
      name: anlan.nameOf(station), kind: t("kind of station " + station.kind), mark: MARKS[station.kind] || "●",
      place: anlan.nameOf(anlan.townOf(station.area)) || anlan.areaName(station), river: station.river || "",
      property: reading ? anlan.texts["property " + reading.property] || reading.property : "",
    };
  }

  function groupsOf(one) {
    const found = ["all"];
    if (one.severity) found.push("reached");
    if (one.verify) found.push("suspect");
    if (["stale", "missing", "unset", "off"].includes(one.state)) found.push(one.state);
    if (!one.severity && !one.verify && one.state === "") found.push("normal");
    return found;
  }

  function fits(one) {
    if (filter.kind && one.station.kind !== filter.kind) return false;
    const town = anlan.townOf(one.station.area);
    if (filter.town && (!town || town.code !== filter.town)) return false;
    const wanted = filter.text.trim().toLowerCase();
    return !wanted || [one.code, one.station.name, one.station.name_en, one.river, one.place].join(" ").toLowerCase().includes(wanted);
  }

  function keyOf(one) {
    const reading = one.reading;
    switch (sort.by) {
      case "limits": return anlan.rank(one.severity) * 1e6 + (one.verify ? 5e5 : 0) + (reading && reading.reached ? reading.reached.distance : reading && reading.next ? 1000 + reading.next.distance : -1e5);
      case "value": return reading && reading.usable_value !== null ? reading.usable_value : -Infinity;
      case "trend": return reading && reading.trend_per_h !== null ? reading.trend_per_h : -Infinity;
      case "age": return reading ? anlan.secondsSince(reading.time) : Infinity;
      default: return { station: one.name, kind: one.kind, place: one.place, river: one.river }[sort.by];
    }
  }
  function order(a, b) {
    const x = keyOf(a), y = keyOf(b);
    const found = typeof x === "string" ? x.localeCompare(y, anlan.page.language) : x === y ? 0 : x < y ? -1 : 1;
    return (sort.up ? found : -found) || a.code.localeCompare(b.code);
  }

  function standing(one) {
    const row = one.reading;
    if (!row) return "";
    if (row.property === "rainfall") return anlan.standing(row);
    if (row.refused) return "";
    if (row.unset) return "";
    if (row.reached) return anlan.standing(row);
    return anlan.toNext(row);
  }

  function paint() {
    if (!root || !anlan.ready) return;
    const all = anlan.list("stations").map(line).filter(fits), counts = {};
    all.forEach(function (one) { groupsOf(one).forEach(function (name) { counts[name] = (counts[name] || 0) + 1; }); });
    byId("station-state").querySelectorAll("[data-state]").forEach(function (button) {
      anlan.put(button.querySelector("[data-part]"), counts[button.dataset.state] || 0);
    });
    const shown = all.filter(function (one) { return groupsOf(one).includes(filter.state); }).sort(order);
    anlan.fill(byId("station-head"), { count: t("{n} of {m} stations", { n: shown.length, m: anlan.model.stations.size }) });
    byId("station-table").querySelectorAll("th").forEach(function (head) {
      const mine = head.querySelector("[data-sort]").dataset.sort === sort.by;
      head.setAttribute("aria-sort", mine ? (sort.up ? "ascending" : "descending") : "none");
    });
    anlan.show(byId("station-none"), !shown.length);
    if (!shown.length) anlan.put(byId("station-none"), t(anlan.model.stations.size ? "no station fits" : "no station yet"));
    anlan.sync(byId("station-rows"), shown, function (one) { return one.code; }, create, update);
  }

  function create(one) {
    const link = anlan.link("/stations/" + encodeURIComponent(one.code));
    const node = el("tr.link", { "data-station": one.code },
      el("td", {}, el("span.station-mark", { "data-part": "mark" }), el("a", { href: link }, el("b", { "data-part": "name" })), " ", el("span.muted.small", {}, one.code)),
      el("td", { "data-part": "kind" }), el("td", { "data-part": "place" }), el("td", { "data-part": "river" }),
      el("td", {}, el("span.number", { "data-part": "value" }), " ", el("span.muted.small", { "data-part": "property" })),
      el("td", {}, el("span.pill", { "data-part": "pill" }), " ", el("span", { "data-part": "standing" })),
      el("td", { "data-part": "trend" }), el("td", {}, el("span", { "data-part": "age" })));
    node.addEventListener("click", function (event) { if (!event.target.closest("a")) window.location.assign(link); });
    return node;
  }

  function update(node, one) {
    const row = one.reading, old = ["stale", "missing"].includes(one.state);
    const said = one.verify ? t("to be verified") : anlan.stateText(one.state);
    anlan.fill(node, {
      mark: one.mark, name: one.name, kind: one.kind, place: one.place, river: one.river, property: one.property,
      value: row ? anlan.measure(one.verify && row.value !== null ? row.value : row.usable_value, row.property) : "—",
      pill: [one.severity ? t("colour " + one.severity) : "", said].filter(Boolean).join(" · "),
      standing: old ? "" : standing(one), trend: old || one.state === "off" ? "" : anlan.trend(row),
      age: row ? anlan.age(row.time) : t("never"),
    });
    anlan.show(anlan.part(node, "pill"), Boolean(one.severity || said));
    anlan.cls(anlan.part(node, "pill"), "pill " + (one.severity || "plain"));
    anlan.cls(anlan.part(node, "mark"), "station-mark" + (one.severity ? " sev-" + one.severity : ""));
    anlan.cls(anlan.part(node, "value"), "number" + (one.verify ? " suspect-value" : old ? " stale-value" : ""));
    anlan.cls(anlan.part(node, "age"), old ? "age-old" : "muted");
  }

  let ticks = 0;
  anlan.onChange(function (changed) { if (["stations", "latest", "alarms"].some(function (kind) { return changed.has(kind); })) paint(); });
  anlan.onTick(function () { ticks += 1; if (root && ticks % 5 === 0) paint(); });
})(window.anlan);
