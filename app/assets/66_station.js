/* One station: its newest state, its picture, and its values with all that is known of each. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t, byId = anlan.byId, put = anlan.put;
  const PAGE = 300, RAW_HOURS = 192, QUIET_MS = 4000;
  let root = null, hours = 24, tab = "values";

  /* What is shown; the acts (67_values.js) look here. `rows` newest first. */
  const here = anlan.stationPage = {
    code: null, series: null, rows: [], next: null, fault: "", chosen: null, detail: null, verify: null, acts: null,
    repaint: function () { paintValues(); }, refresh: function () { return refresh(); },
  };

  anlan.pageScript("station", function (found) {
    root = found;
    here.code = anlan.page.station;
    const asked = new URLSearchParams(window.location.search);
    here.series = parse(asked.get("series"));
    const span = Number(asked.get("hours")), buttons = byId("station-hours");
    if (buttons.querySelector('[data-hours="' + span + '"]')) {
      hours = span;
      buttons.querySelectorAll("button").forEach(function (one) { one.setAttribute("aria-pressed", String(Number(one.dataset.hours) === span)); });
    }
    byId("to-stations").href = anlan.link("/stations");
    anlan.choice(buttons, "hours", function (value) { hours = Number(value); moved(); });
    anlan.choice(byId("station-tabs"), "tab", function (value) { tab = value; showTab(); });
    byId("series").addEventListener("change", function (event) { here.series = parse(event.target.value); moved(); });
    byId("value-older").addEventListener("click", older);
    byId("export-png").addEventListener("click", png);
    here.begin();
    here.beginForecast();
    readStation();
    readVerify().catch(function () { /* told when the list is opened */ });
  });

  function parse(text) {
    const found = /^(\w+)\.(\d+)\.(\d+)$/.exec(text || "");
    return found ? { property: found[1], sensor: Number(found[2]), period_s: Number(found[3]) } : null;
  }
  function name(series) { return series.property + "." + series.sensor + "." + series.period_s; }
  function same(row) { const s = here.series; return s && row.property === s.property && row.sensor === s.sensor && row.total_s === s.period_s; }
  function mine() { return anlan.list("latest").filter(function (row) { return row.station === here.code; }); }
  here.query = function (more) {
    const asked = new URLSearchParams({ station: here.code });
    if (here.series) { asked.set("property", here.series.property); asked.set("sensor", here.series.sensor); asked.set("period_s", here.series.period_s); }
    if (anlan.page.exercise) asked.set("exercise", anlan.page.exercise);
    Object.keys(more || {}).forEach(function (key) { asked.set(key, more[key]); });
    return asked.toString();
  };
  here.span = function () { return { from: new Date(anlan.now() - Math.min(hours, 8760) * 3600000).toISOString(), to: new Date(anlan.now() + 600000).toISOString() }; };

  /* Another series or another length of time: everything of the old one goes. */
  function moved() {
    const address = new URL(window.location.href);
    if (here.series) address.searchParams.set("series", name(here.series));
    address.searchParams.set("hours", hours);
    window.history.replaceState(window.history.state, "", address);
    here.rows = []; here.next = null; here.loaded = false; here.choose(null);
    byId("pane-values").scrollTop = 0;
    links();
    wish(true);
    refresh();
  }
  function links() {
    ["csv", "xlsx"].forEach(function (format) {
      byId("export-" + format).href = "/api/v1/observations/export?" + here.query(Object.assign({ format: format, language: anlan.page.language }, here.span()));
    });
    anlan.show(byId("legend-rollup"), hours > RAW_HOURS);
  }

  /* head line and list of series */
  function paintHead() {
    const station = anlan.model.stations.get(here.code), rows = mine().sort(function (a, b) { return seriesOrder(a) - seriesOrder(b) || a.sensor - b.sensor || a.total_s - b.total_s; });
    if (!station || !rows.length) {
      anlan.fill(byId("station-head"), { name: station ? anlan.nameOf(station) : here.code, place: station ? here.code : "", value: "—", standing: t("no value yet") });
      anlan.show(anlan.part(byId("station-head"), "state"), false);
      paintValues();
      return;
    }
    if (!here.series) {
      const main = anlan.mainReading(here.code) || rows[0];
      here.series = { property: main.property, sensor: main.sensor, period_s: main.total_s };
      moved();
    }
    const pick = byId("series");
    anlan.sync(pick, rows, function (row) { return name({ property: row.property, sensor: row.sensor, period_s: row.total_s }); },
      function (row) { return el("option", { value: name({ property: row.property, sensor: row.sensor, period_s: row.total_s }) }); },
      function (node, row) {
        const several = rows.filter(function (one) { return one.property === row.property && one.total_s === row.total_s; }).length > 1;
        put(node, [anlan.texts["property " + row.property] || row.property, row.total_s ? t("{time} totals", { time: anlan.duration(row.total_s) }) : "", several || row.sensor !== 1 ? t("sensor {n}", { n: row.sensor }) : ""].filter(Boolean).join(" · "));
      });
    if (here.series && pick.value !== name(here.series) && document.activeElement !== pick) pick.value = name(here.series);
    const row = rows.find(same) || null, state = anlan.stateOf(station, row), alarm = anlan.alarmAt(here.code);
    const severity = anlan.severityAt(here.code, row), verify = state === "suspect" || Boolean(alarm && alarm.to_verify);
    const said = verify ? t("to be verified") : anlan.stateText(state), head = byId("station-head");
    anlan.fill(head, {
      name: anlan.nameOf(station),
      place: [here.code, t("kind of station " + station.kind), anlan.nameOf(anlan.townOf(station.area)) || anlan.areaName(station), station.river, anlan.datum(station.datum)].filter(Boolean).join(" · "),
      value: row ? anlan.number(verify && row.value !== null ? row.value : row.usable_value, (anlan.page.properties[row.property] || ["", 2])[1]) : "—",
      unit: row ? anlan.unit(row.property) : "",
      standing: row ? [verify && row.usable_value !== null && row.usable_value !== row.value ? t("last good {value}", { value: anlan.measure(row.usable_value, row.property) }) : "", row.property === "rainfall" ? anlan.standing(row) : row.reached ? anlan.standing(row) : anlan.toNext(row), ["stale", "missing", "off"].includes(state) ? "" : anlan.trend(row)].filter(Boolean).join(" · ") : t("no value yet"),
      age: row ? anlan.when(row.time) + " · " + anlan.age(row.time) : "",
      state: [severity ? t("colour " + severity) : "", said].filter(Boolean).join(" · "),
    });
    anlan.cls(anlan.part(head, "value"), verify ? "suspect-value" : ["stale", "missing"].includes(state) ? "stale-value" : "");
    anlan.show(anlan.part(head, "state"), Boolean(severity || said));
    anlan.cls(anlan.part(head, "state"), "pill " + (severity || "plain"));
    anlan.cls(anlan.part(head, "age"), ["stale", "missing"].includes(state) ? "age-old" : "muted");
  }
  const FIRST = ["water_level", "tide_level", "rainfall", "inflow", "outflow", "flow", "storage"];
  function seriesOrder(row) { const at = FIRST.indexOf(row.property); return at < 0 ? FIRST.length : at; }

  /* values: the first page is read again when something is new or was corrected; pages further back stay */
  let reading = false, again = false;
  async function refresh() {
    if (!here.series) return;
    if (reading) { again = true; return; }
    reading = true;
    const asked = name(here.series) + hours;
    try {
      const found = await anlan.api("GET", "/observations?" + here.query(Object.assign({ newest_first: true, limit: PAGE }, here.span())));
      if (asked === name(here.series) + hours) {
        const oldest = found.items.length ? found.items[found.items.length - 1].time : null;
        const kept = here.loaded && found.next && oldest ? here.rows.filter(function (row) { return row.time < oldest; }) : [];
        if (!kept.length) here.next = found.next;
        here.rows = found.items.concat(kept);
        here.loaded = true;
        here.fault = "";
      }
    } catch (error) { here.fault = error.message; }
    reading = false;
    paintValues();
    links();
    here.readForecast();
    if (again) { again = false; refresh(); }
  }
  async function older() {
    byId("value-older").disabled = true;
    try {
      const found = await anlan.api("GET", "/observations?" + here.query(Object.assign({ newest_first: true, limit: PAGE, after: here.next }, here.span())));
      here.rows = here.rows.concat(found.items);
      here.next = found.next;
    } catch (error) { anlan.notice(error.message, true); }
    byId("value-older").disabled = false;
    paintValues();
  }

  here.qualityText = function (row) {
    if (row.by && row.quality === 4) return t("value reason voided");
    return t("quality " + ({ 1: "good", 2: "not_evaluated", 3: "suspect", 4: "bad", 9: "missing" }[row.quality] || "not_evaluated"));
  };
  here.reasonText = function (row) {
    if (row.by && row.quality === 4) return row.by;
    const words = (row.reason || "").split(",").filter(Boolean).map(function (code) { return anlan.texts["value reason " + code] || anlan.texts["reason " + code] || code; });
    if (row.by) words.push(row.by);
    return words.join(" · ");
  };
  here.valueText = function (row) { return row.value === null ? "—" : anlan.measure(row.value, row.property || here.series.property); };
  function look(row) { return row.by && row.quality === 4 ? "voided-value" : row.quality === 3 || row.quality === 4 ? "suspect-value" : ""; }

  function paintValues() {
    if (!root) return;
    const none = byId("value-none"), shown = here.rows;
    anlan.show(none, !shown.length);
    if (!shown.length) put(none, here.fault || (here.loaded ? t("no observations in this time") : here.series || !anlan.ready ? t("loading") : t("no value yet")));
    anlan.show(byId("value-older"), Boolean(here.next));
    anlan.sync(byId("value-rows"), shown, function (row) { return row.time; },
      function (row) {
        const node = el("tr", { "data-time": row.time, tabIndex: 0 }, el("td", { "data-part": "time" }), el("td", {}, el("span", { "data-part": "value" })), el("td", { "data-part": "quality" }), el("td.small", { "data-part": "reason" }));
        node.addEventListener("click", function (event) { here.choose(node.dataset.time, event.shiftKey); });
        node.addEventListener("keydown", function (event) { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); here.choose(node.dataset.time, event.shiftKey); } });
        return node;
      },
      function (node, row) {
        anlan.fill(node, { time: anlan.when(row.time, true), value: here.valueText(row), quality: here.qualityText(row), reason: here.reasonText(row) });
        anlan.cls(anlan.part(node, "value"), "number " + look(row));
        const range = here.chosen, on = range && row.time >= range.from && row.time <= range.to;
        anlan.cls(node, (on ? "current" : "") + (row.by ? " by-person" : ""));
        node.setAttribute("aria-selected", String(Boolean(on)));
      });
  }

  /* the other tabs */
  function showTab() {
    ["values", "verify", "limits", "alarms", "acts"].forEach(function (one) { anlan.show(byId("pane-" + one), one === tab); });
    readTab();
  }
  function lines(id, items, key, make) {
    const list = byId(id);
    list.querySelectorAll(":scope > li").forEach(function (node) { if (node.anlanKey === undefined) node.remove(); });
    anlan.sync(list, items.length ? items : [{ none: true }], function (item) { return item.none ? "none" : key(item); },
      function () { return el("li", {}); },
      function (node, item) { const stamp = JSON.stringify(item) + anlan.page.language; if (node.anlanStamp !== stamp) { node.anlanStamp = stamp; node.replaceChildren.apply(node, item.none ? [el("span.muted", {}, t("nothing here"))] : make(item)); } });
  }
  async function readTab() {
    try {
      if (tab === "verify") await readVerify();
      if (tab === "limits") await readStation();
      if (tab === "alarms") await readAlarms();
      if (tab === "acts") await readActs();
    } catch (error) { anlan.notice(error.message, true); }
  }
  async function readVerify() {
    const asked = new URLSearchParams(Object.assign({ station: here.code, newest_first: true, limit: PAGE }, here.span()));
    asked.append("quality", 3); asked.append("quality", 4);
    if (anlan.page.exercise) asked.set("exercise", anlan.page.exercise);
    const found = await anlan.api("GET", "/observations?" + asked);
    here.verify = found.items.filter(function (row) { return !row.by; });
    anlan.fill(byId("station-tabs"), { verify: here.verify.length + (found.next ? "+" : "") });
    lines("list-verify", here.verify, function (row) { return row.property + row.sensor + row.period_s + row.time; }, function (row) {
      return [el("button.line", { type: "button", onclick: function () { here.open(row); } },
        el("time.muted", {}, anlan.when(row.time)), " ", el("b", {}, anlan.texts["property " + row.property] || row.property), " ",
        el("span.suspect-value", {}, here.valueText(row)), " ", el("span.small", {}, here.qualityText(row) + " · " + here.reasonText(row)))];
    });
  }
  async function readStation() {
    try {
      const found = await anlan.api("GET", "/stations/" + encodeURIComponent(here.code) + (anlan.page.exercise ? "?exercise=" + encodeURIComponent(anlan.page.exercise) : ""));
      anlan.fill(byId("station-tabs"), { limits: found.thresholds.length || t("no limit set") });
      lines("list-limits", found.thresholds, function (one) { return one.property + one.name + one.season_from; }, function (one) {
        return [el("div", {}, el("span.pill." + one.severity, {}, t("colour " + one.severity)), " ", el("b", {}, anlan.limitName(one.name) + " " + anlan.measure(one.value, one.property)), " ", el("span.muted", {}, anlan.datum(one.datum))),
          el("div.muted.small", {}, [t("source: {source}", { source: one.source }), t("version {n}", { n: one.version }), one.season_from ? t("in force {from} to {to}", { from: day(one.season_from), to: day(one.season_to) }) : "", t("returns below {value}", { value: anlan.measure(one.value - one.deadband, one.property) })].filter(Boolean).join(" · "))];
      });
      if (!found.thresholds.length) put(byId("list-limits").firstChild, t("no limit set hint"));
      if (!byId("station-limits-more")) byId("list-limits").after(el("a.small", { id: "station-limits-more", href: anlan.link("/admin/thresholds?station=" + encodeURIComponent(here.code)) }, t("what is missing, history, back-test")));
    } catch (error) { anlan.notice(error.message, true); }
  }
  function day(mmdd) { return mmdd.slice(0, 2) + "-" + mmdd.slice(2); }
  async function readAlarms() {
    const found = await anlan.api("GET", "/alarms?open=false&limit=50&station=" + encodeURIComponent(here.code) + (anlan.page.exercise ? "&exercise=" + encodeURIComponent(anlan.page.exercise) : ""));
    const full = await Promise.all(found.slice(0, 12).map(function (one) { return anlan.api("GET", "/alarms/" + one.id); }));
    lines("list-alarms", full.concat(found.slice(12)), function (one) { return one.id; }, function (one) {
      const worst = one.severity || one.highest_severity;
      return [el("div", {}, el("span.pill." + (worst || "plain"), {}, worst ? t("colour " + worst) : t("class " + one["class"])), " ",
        el("a", { href: anlan.link("/?alarm=" + one.id) }, anlan.when(one.raised_at)), " ", el("span.muted", {}, t("state " + one.state))),
      el("ol.course", {}, ...(one.events || []).map(function (event) {
        const said = event.detail || {};
        return el("li", {}, el("time", {}, anlan.when(event.at)), " ", [t("event " + event.kind) + (said.act ? " " + t("value act " + said.act) : ""), event.severity && event.kind !== "corrected" ? t("colour " + event.severity) : "",
          said.was !== undefined && said.was !== null && event.value !== said.was ? anlan.measure(said.was, one.property) + " → " + anlan.measure(event.value, one.property) : event.value !== null ? anlan.measure(event.value, one.property) : "",
          anlan.actor(event.actor) || said.by || "", anlan.texts["value reason " + said.reason] || said.reason || said.note || "", event.late && event.kind !== "late" ? t("event late") : ""].filter(Boolean).join(" · "));
      }))];
    });
  }
  async function readActs() {
    here.acts = await anlan.api("GET", "/observations/corrections?limit=100&station=" + encodeURIComponent(here.code) + (anlan.page.exercise ? "&exercise=" + encodeURIComponent(anlan.page.exercise) : ""));
    lines("list-acts", here.acts, function (one) { return one.id; }, function (one) {
      return [el("div", {}, el("time.muted", {}, anlan.when(one.at)), " ", el("b", {}, one.actor + " " + t("value act " + one.act)), " ",
        [anlan.texts["property " + one.property] || one.property, one.from_time === one.to_time ? anlan.when(one.from_time, true) : anlan.when(one.from_time) + " – " + anlan.when(one.to_time), t("{n} values", { n: one.changed }),
          one.value !== null ? "→ " + anlan.measure(one.value, one.property) : one.shift !== null ? (one.shift > 0 ? "+" : "") + anlan.measure(one.shift, one.property) : ""].filter(Boolean).join(" · ")),
      el("div.small", {}, one.reason),
      anlan.mayDo("correct_value") && one.act !== "restore" ? el("button.link", { type: "button", onclick: function () { here.undo(one); } }, t("undo")) : ""];
    });
  }
  here.readTab = readTab;
  here.readVerify = function () { return readVerify().catch(function (error) { anlan.notice(error.message, true); }); };

  /* the picture: newest value, at most every five seconds */
  const drawn = {};
  function wish(force) {
    if (!here.series) return;
    const row = mine().find(same), stamp = row ? row.time + "/" + row.corrected : "", key = name(here.series) + hours;
    if (!force && drawn.key === key && (drawn.stamp === stamp || Date.now() - drawn.at < 5000) && Date.now() - (drawn.at || 0) < 60000) return;
    drawn.key = key; drawn.stamp = stamp; drawn.at = Date.now();
    window.dash_clientside.set_props("picture-station-wish", { data: Object.assign({ station: here.code, hours: hours, px: 13, height: byId("station-plot").clientHeight, theme: anlan.page.theme, exercise: anlan.page.exercise, at: Date.now() }, here.series) });
  }
  here.wish = wish;
  function png() {
    const plot = byId("picture-station").querySelector(".js-plotly-plot");
    if (!plot || !window.Plotly) { anlan.notice(t("the picture is not ready yet"), true); return; }
    const paper = getComputedStyle(document.documentElement).getPropertyValue("--panel").trim();
    const layout = Object.assign({}, plot.layout, { paper_bgcolor: paper, plot_bgcolor: paper, autosize: false, margin: Object.assign({}, plot.layout.margin, { t: 44 }),
      title: { text: escapeText(anlan.nameOf(anlan.model.stations.get(here.code)) + " " + (anlan.texts["property " + here.series.property] || here.series.property) + " " + anlan.date(anlan.now()) + " " + anlan.clock(anlan.now()) + (anlan.page.exercise ? " · " + t("exercise band") : "")), x: 0.01, xanchor: "left", font: { size: 17 } } });
    window.Plotly.toImage({ data: plot.data, layout: layout }, { format: "png", width: 1600, height: 800 }).then(function (url) {
      const link = el("a", { href: url, download: here.code + "-" + here.series.property + "-" + anlan.date(anlan.now()) + (anlan.page.exercise ? "-drill" : "") + ".png" });
      document.body.append(link); link.click(); link.remove();
    }).catch(function (error) { anlan.notice(String(error && error.message || error), true); });
  }
  function escapeText(text) { return text.replace(/[&<>]/g, function (sign) { return { "&": "&amp;", "<": "&lt;", ">": "&gt;" }[sign]; }); }

  /* something new of this series, a correction by somebody else, or a changed alarm */
  let known = "", alarmsKnown = "", heard = 0;
  anlan.onChange(function (changed) {
    if (!root || !anlan.ready) return;
    paintHead();
    const row = mine().find(same), stamp = row ? row.time + row.value + row.quality + row.corrected : "";
    if (changed.has("latest") && stamp !== known && here.series) {
      const wait = Math.max(0, QUIET_MS - (Date.now() - heard));
      known = stamp;
      window.setTimeout(function () { heard = Date.now(); refresh(); wish(false); if (["verify", "acts"].includes(tab)) readTab(); }, here.loaded ? wait : 0);
    }
    const alarm = anlan.alarmAt(here.code), mark = alarm ? alarm.id + alarm.state + alarm.severity + alarm.to_verify : "";
    if (mark !== alarmsKnown) { alarmsKnown = mark; if (tab === "alarms") readTab(); }
  });
  let ticks = 0;
  anlan.onTick(function () { ticks += 1; if (root && ticks % 5 === 0) { paintHead(); wish(false); } });
})(window.anlan);
