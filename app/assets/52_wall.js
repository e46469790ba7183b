/* The command hall: what is dangerous, who has not answered, is it getting worse. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const SLOTS = ["picture-1", "picture-2", "picture-3"], ROTATE_S = 20, QUIET_S = 30;
  let root = null, map = null, touched = 0, turn = 0, focus = 0;
  const slots = {};

  anlan.pageScript("wall", function (found) {
    root = found;
    map = anlan.feedMap(anlan.byId("map"), smallest, function () { touched = Date.now(); });
    root.addEventListener("pointerdown", function () { touched = Date.now(); });
    document.addEventListener("keydown", function () { touched = Date.now(); });
    root.querySelectorAll("[data-layer]").forEach(function (button) {
      button.addEventListener("click", function () {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        if (button.dataset.layer === "images") { picturesOver = on; images(); return; }
        const shown = {};
        shown[button.dataset.layer] = on;
        map.layers(shown);
      });
    });
    map.whenReady(images);
    window.setInterval(rotate, ROTATE_S * 1000);
    window.addEventListener("resize", function () { SLOTS.forEach(function (slot) { slots[slot] = null; }); anlan.repaint(); });
    SLOTS.forEach(function (slot) {
      anlan.byId("card-" + slot).addEventListener("click", function () { if (slots[slot]) focusOn(slots[slot].station); });
    });
  });

  function warned() {
    anlan.showWarnings(anlan.byId("wall-warnings"), 4, 0);
    const box = anlan.byId("wall-warning-box");
    if (!box) return;
    const count = anlan.listWarnings(anlan.byId("wall-warning-list"), 3);
    anlan.show(box, count > 0);
    anlan.fill(box, { "warning-count": count > 3 ? t("and {n} more", { n: count - 3 }) : "" });
  }

  /* The newest picture of the weather, the radar's before others; a touch on the wall lays it over the map. */
  let picturesOver = false;
  function images() {
    const all = anlan.list("images"), found = all.find(function (one) { return one.layer === "radar"; }) || all[0];
    const one = picturesOver && found ? found.frames[found.frames.length - 1] : null;
    map.image(one ? { url: "/api/v1/weather/images/" + one.id, bounds: one.bounds, opacity: 0.55, note: (anlan.texts["image " + found.layer] || found.layer) + " " + anlan.when(one.time) } : null);
  }

  function smallest() { return window.innerHeight / 60; }

  /* Nobody touches it: the pictures and cameras go round, the worst station stays. */
  function rotate() {
    if (!root || Date.now() - touched < QUIET_S * 1000) return;
    turn += 1;
    pictures();
    cameras();
    const list = SLOTS.map(function (slot) { return slots[slot] && slots[slot].station; }).filter(Boolean);
    if (list.length) { focus = (focus + 1) % list.length; focusOn(list[focus]); }
  }
  function focusOn(station) { if (map) map.focus(station); }

  /* head line */
  function typhoon() {
    const line = anlan.byId("typhoon-line");
    if (!line) return;
    const rows = anlan.list("typhoons").filter(function (row) { return row.track.length; });
    const home = anlan.page.home || {};
    if (!rows.length) { put(line, t("no typhoon is followed")); line.anlanText = ""; return; }
    const row = rows[0], now = row.track[row.track.length - 1], parts = [];
    if (home.lat !== null && home.lat !== undefined) parts.push(t("{km} km from the county seat", { km: Math.round(anlan.kilometres(home, now)) }));
    if (now.wind_ms) parts.push(t("force {n}", { n: anlan.force(now.wind_ms) }));
    if (now.move_dir_deg !== undefined && now.move_kmh) parts.push(anlan.compass(now.move_dir_deg) + " " + Math.round(now.move_kmh) + " km/h");
    const ahead = row.forecast.filter(function (fix) { return fix.time > now.time; });
    const nearest = ahead.length && home.lat !== null ? anlan.nearest(home, [now].concat(ahead)) : null;
    let last = "";
    if (nearest && nearest.time > anlan.now()) last = t("nearest at {time}: {km} km", { time: anlan.soon(nearest.time), km: Math.round(nearest.km) });
    const text = [anlan.typhoonName(row)].concat(parts).join(" · ");
    const age = t("position of {time}", { time: anlan.when(now.time) });
    const whole = text + last + age;
    if (line.anlanText === whole) return;
    line.anlanText = whole;
    line.replaceChildren(text, last ? el("b", {}, " · " + last) : "", " · " + age);
  }

  function health() {
    const box = anlan.byId("wall-health");
    if (!box) return;
    const now = anlan.health, sms = anlan.smsState(), devices = now.devices || {}, watch = anlan.watchState();
    const count = function (kind) { const one = devices[kind]; return (one ? one.online + "/" + one.total : "0/0") + babblers(kind); };
    const babblers = function (kind) {
      const n = anlan.list("devices").filter(function (row) { return row.kind === kind && row.online && anlan.deviceTrouble(row); }).length;
      return n ? " · " + t("babbling") + " " + n : "";
    };
    const bad = {
      "data-age": !now.newest_received || anlan.secondsSince(now.newest_received) > 600 || now.database === "lost",
      stations: now.stations_total > 0 && now.stations_reporting < now.stations_total * 0.9,
      sms: sms.bad,
      loudspeakers: devices.loudspeaker && devices.loudspeaker.online < devices.loudspeaker.total * 0.9,
      leds: devices.led && devices.led.online < devices.led.total * 0.9,
      chain: watch.chainBad,
    };
    anlan.fill(box, {
      "data-age": now.database === "lost" ? t("database away") : now.newest_received ? anlan.age(now.newest_received) : t("none"),
      stations: (now.stations_reporting || 0) + "/" + (now.stations_total || 0),
      sms: sms.text,
      loudspeakers: count("loudspeaker"),
      leds: count("led"),
      chain: watch.chain,
    });
    anlan.showWatch(anlan.part(box, "watch"), watch);
    anlan.showCatchingUp(anlan.part(box, "catching-up"));
    Object.keys(bad).forEach(function (name) { anlan.part(box, name).parentNode.classList.toggle("bad", Boolean(bad[name])); });
  }

  /* left: counters, rain, evacuation, load */
  function counter(name, value, before, colour, of) {
    const box = anlan.byId("counter-" + name);
    if (!box) return;
    anlan.fill(box, { value: value === null ? "—" : value, of: of || "" });
    anlan.cls(anlan.part(box, "value"), value ? "sev-" + colour : "");
    const trend = anlan.part(box, "trend");
    const change = value === null || before === null ? 0 : value - before;
    put(trend, value === null ? "" : change > 0 ? "▲" + change : change < 0 ? "▼" + -change : "＝");
    anlan.cls(trend, "trend " + (change > 0 ? "sev-" + colour : "muted"));
  }

  function situation() {
    const now = anlan.situationNow;
    if (!now) { ["guarantee", "warning", "reservoir", "hour-rain"].forEach(function (name) { counter(name, null, null, "blue"); }); return; }
    const reached = now.reached;
    counter("guarantee", reached.guarantee, reached.guarantee_before, "orange");
    counter("warning", reached.warning, reached.warning_before, "yellow");
    counter("reservoir", reached.reservoir, reached.reservoir_before, "yellow", "/ " + reached.reservoirs);
    const heavy = function (field) { return now.rain.filter(function (row) { return !row.stale && (row[field] || 0) >= 30; }).length; };
    counter("hour-rain", heavy("one_hour"), heavy("hour_before"), "yellow");
    rain(now);
    evacuation(now.moved);
    load(now.calls);
  }

  function rain(now) {
    const box = anlan.byId("rain"), list = anlan.byId("ranking");
    if (!list) return;
    const rows = now.rain.filter(function (row) { return row.three_hours !== null; });
    const whole = (now.area_rain || []).find(function (row) { return row.kind === "county"; }) || (now.area_rain || []).find(function (row) { return row.kind === "town"; });
    anlan.fill(box, { "area-rain": whole ? t("mean of {n} gauges {mm}", { n: whole.reporting, mm: anlan.number(whole.mean, 1) }) : "" });
    const space = box.getBoundingClientRect().bottom - list.getBoundingClientRect().top;
    const height = list.querySelector("li") ? list.querySelector("li").offsetHeight + smallest() * 0.1 : smallest() * 1.6;
    const room = Math.max(3, Math.floor(space / height));
    const most = Math.max(30, rows.length ? rows[0].three_hours : 0);
    const wet = rows.filter(function (row) { return row.three_hours > 0; }).slice(0, room);
    anlan.sync(list, wet.length ? wet : [null], function (row) { return row ? row.station : "dry"; },
      function (row) {
        if (!row) return el("p.muted");
        return el("li", {}, el("span.place", { "data-part": "place" }), el("span.track", {}, el("i", { "data-part": "fill" })), el("span.amount", { "data-part": "amount" }));
      },
      function (node, row) {
        if (!row) { put(node, rows.length ? t("no rain at any gauge") : t("no rain observations")); return; }
        /* What is old or to be verified says so; it stays in its place, because it may be the worst of all. */
        const doubt = row.stale ? anlan.age(row.as_of) : row.suspect ? t("to be verified") : "";
        anlan.cls(node, row.stale ? "muted" : "");
        anlan.fill(node, { place: gaugeName(row) + (doubt ? " · " + doubt : ""), amount: anlan.number(row.three_hours, row.three_hours < 100 ? 1 : 0) });
        const alarm = anlan.alarmAt(row.station), fill = anlan.part(node, "fill");
        fill.style.width = (100 * row.three_hours / most).toFixed(1) + "%";
        anlan.cls(fill, alarm && alarm.class === "rain" && alarm.severity ? alarm.severity : "");
      });
  }

  /* In a list of rain gauges the words "rain gauge" say nothing and take the room of the name. */
  function gaugeName(row) {
    const name = anlan.nameOf(row), end = t("rain gauge ending");
    return name.endsWith(end) && name.length > end.length ? name.slice(0, -end.length) : name;
  }

  function evacuation(rows) {
    const box = anlan.byId("evacuation");
    if (!box) return;
    const total = rows.reduce(function (sum, row) { return sum + row.to_move; }, 0);
    const moved = rows.reduce(function (sum, row) { return sum + row.moved; }, 0);
    const slow = rows.filter(function (row) { return row.to_move > 0; }).sort(function (a, b) { return a.moved / a.to_move - b.moved / b.to_move; })[0];
    anlan.fill(box, {
      "to-move": total ? t("to be moved {n}", { n: anlan.number(total, 0) }) : "",
      moved: rows.length ? anlan.number(moved, 0) : "—",
      share: !rows.length ? t("no order to move people is running") : !total ? t("people moved") :
        t("moved {percent} %", { percent: Math.round(100 * moved / total) }) +
        (slow && rows.length > 1 ? " · " + t("slowest {name} {percent} %", { name: anlan.nameOf(slow), percent: Math.round(100 * slow.moved / slow.to_move) }) : ""),
    });
    box.querySelector(".bar i").style.width = (total ? Math.min(100, 100 * moved / total) : 0) + "%";
    anlan.show(box.querySelector(".bar"), total > 0);
    box.classList.toggle("none", !rows.length);
  }

  function load(calls) {
    const box = anlan.byId("load");
    if (!box) return;
    anlan.fill(box, { calls: t("{n} alarms", { n: calls }), judged: calls > 10 ? t("above the peak of 10: more than one desk can handle") : t("peak limit 10") });
  }

  /* right: alarms, orders, who is silent */
  function alarms() {
    const list = anlan.byId("wall-alarms"), box = anlan.byId("wall-alarm-box");
    if (!list) return;
    const every = anlan.list("alarms"), all = every.filter(anlan.ALARM_STATES.active), storms = anlan.stormsNow();
    const water = all.filter(function (row) { return row.class !== "equipment"; }).sort(anlan.alarmOrder);
    const equipment = all.length - water.length, open = water.filter(anlan.isUnacknowledged).length;
    anlan.fill(box, { "alarm-count-left": open ? " " + t("{n} unacknowledged", { n: open }) : "", "alarm-count": t("flood {n} · equipment {m}", { n: water.length, m: equipment }) + (every.length > all.length ? " · " + t("not listed {n}", { n: every.length - all.length }) : "") });
    const storm = anlan.byId("wall-storm");
    anlan.show(storm, storms.length > 0);
    put(storm, storms.map(anlan.stormText).join(" · "));
    anlan.cls(anlan.part(box, "alarm-count-left"), open ? "flash-text strong " + worst(water) : "");
    const rows = storms.length ? anlan.stormGroups(all).map(asLine) : water.concat(all.filter(function (one) { return one.class === "equipment"; }));
    const height = box.getBoundingClientRect().bottom - list.getBoundingClientRect().top;
    const plan = storms.length ? lines(rows.length, height) : layout(rows.length, height);
    const items = rows.length ? rows.slice(0, plan.shown) : [{ id: "none" }];
    if (rows.length > items.length) items.push({ id: "more", rest: rows.slice(items.length) });
    anlan.sync(list, items, function (item) { return item.id; },
      function (item) {
        if (item.id === "none") return el("p.muted", {}, t("no open alarm"));
        if (item.id === "more") return el("p.more");
        return el("li", {}, el("span.name", { "data-part": "name" }), el("span.by", { "data-part": "by" }), el("span.pill", { "data-part": "pill" }), el("span.note", { "data-part": "note" }));
      },
      function (node, item, i) {
        if (item.id === "none") return;
        if (item.id === "more") {
          const left = item.rest.reduce(function (rows, one) { return rows.concat(one.storm ? one.storm.rows : one); }, []), counts = counted(anlan.colourCounts(left));
          put(node, t(storms.length ? "and {n} more groups" : "and {n} more", { n: item.rest.length }) + (counts ? ": " + counts : ""));
          return;
        }
        anlan.cls(node, (item.severity || "none") + (i === 0 && plan.lead ? " lead" : i < plan.full ? " full" : " slim"));
        if (item.storm) { stormLine(node, item.storm); return; }
        const pill = anlan.part(node, "pill"), waiting = anlan.isUnacknowledged(item), by = item.title ? "" : anlan.alarmBy(item);
        anlan.fill(node, {
          name: item.title ? anlan.alarmTitle(item) : anlan.thing(anlan.subjectName(item), by ? item.property : null, ""), by: by, note: anlan.alarmNote(item),
          pill: item.severity && waiting && i < plan.full ? t("{colour}, {state}", { colour: t("colour " + item.severity), state: t("state " + item.state) }) : t("state " + item.state),
        });
        anlan.cls(anlan.part(node, "by"), "by" + (item.severity ? " sev-" + item.severity : ""));
        anlan.cls(pill, "pill " + (waiting ? (item.severity || "") + " flash" : item.state));
      });
  }
  /* In a flood of alarms: a line for each town and hazard, as the desk's storm view. */
  function asLine(group) { return { id: "s/" + group.key, storm: group, severity: group.worst === "none" ? null : group.worst }; }
  function counted(counts) {
    return ["red", "orange", "yellow", "blue"].map(function (colour) { return counts[colour] ? t("colour " + colour) + " " + counts[colour] : ""; }).filter(Boolean).join("  ");
  }
  function stormLine(node, group) {
    const pill = anlan.part(node, "pill");
    anlan.fill(node, {
      name: group.name, by: counted(group.counts) || t("{n} alarms", { n: group.rows.length }), pill: group.open ? t("{n} unacknowledged", { n: group.open }) : t("all acknowledged"),
      note: group.open ? t("longest {time}", { time: anlan.duration(anlan.secondsSince(group.oldest)) }) : "",
    });
    anlan.cls(anlan.part(node, "by"), "by" + (group.worst === "none" ? "" : " sev-" + group.worst));
    anlan.cls(pill, "pill " + (group.open ? (group.worst === "none" ? "" : group.worst) + " flash" : "acknowledged"));
  }
  /* Heights of 30_wall.css in hundredths of the screen's height: the worst large, then rows with their
     notes, then one line each, so that the panel is full before anything is left out. */
  const ROW = { lead: 10.6, full: 5.7, slim: 3.3, more: 2.6, gap: 0.6 };
  function layout(count, pixels) {
    const space = pixels * 100 / window.innerHeight + ROW.gap;
    const used = function (full, slim) { return ROW.lead + ROW.gap + full * (ROW.full + ROW.gap) + slim * (ROW.slim + ROW.gap); };
    for (let full = count - 1; full >= Math.min(2, count - 1); full--) {
      if (used(full, count - 1 - full) <= space) return { lead: true, full: full + 1, shown: count };
    }
    const slims = function (head) { return Math.floor((space - head - ROW.more) / (ROW.slim + ROW.gap)); };
    let best = null;
    for (let full = 2; full >= 0; full--) {
      const slim = slims(used(full, 0));
      if (slim >= 0 && (!best || 1 + full + slim > best.shown)) best = { lead: true, full: full + 1, shown: 1 + full + slim };
    }
    return best || { lead: false, full: 0, shown: Math.min(count, Math.max(1, slims(0))) };
  }
  /* One line each: in a flood of alarms as many groups as there is room for. */
  function lines(count, pixels) {
    const space = pixels * 100 / window.innerHeight + ROW.gap, fits = Math.floor(space / (ROW.slim + ROW.gap));
    return { lead: false, full: 0, shown: count <= fits ? count : Math.max(1, Math.floor((space - ROW.more) / (ROW.slim + ROW.gap))) };
  }
  function worst(rows) {
    const open = rows.filter(anlan.isUnacknowledged)[0];
    return open && open.severity ? "sev-" + open.severity : "";
  }

  function running() {
    return anlan.list("orders").filter(function (row) { return row.state === "issued"; }).sort(function (a, b) {
      return Number(b.kind === "order") - Number(a.kind === "order") || anlan.rank(b.severity) - anlan.rank(a.severity)
        || (a.answered / (a.people || 1)) - (b.answered / (b.people || 1)) || b.id - a.id;
    });
  }

  function orders() {
    const box = anlan.byId("wall-order-box");
    if (!box) return;
    const all = running(), wanted = all.filter(function (row) { return row.kind !== "notice"; });
    const shown = wanted.slice(0, wanted.length > 3 ? 3 : wanted.length);
    const notices = all.filter(function (row) { return row.kind === "notice"; });
    anlan.fill(box, { "order-time": notices.length ? t("notices {answered}/{total} answered", {
      answered: notices.filter(function (row) { return row.people > 0 && row.answered >= row.people; }).length, total: notices.length,
    }) : "" });
    anlan.sync(anlan.byId("wall-orders"), shown.length ? shown : [{ id: "none" }], function (row) { return row.id; },
      function (row) {
        if (row.id === "none") return el("p.muted", {}, t("no order is running"));
        return el("li", {},
          el("div.head", {}, el("span.pill", { "data-part": "pill" }), el("span.title", { "data-part": "title" }), el("span.count", {}, el("b", { "data-part": "answered" }), el("span.muted", { "data-part": "people" }))),
          el("div.bar", {}, el("i.answered"), el("i.delivered"), el("i.going"), el("i.failed")),
          el("div.note", { "data-part": "note" }));
      },
      function (node, row) {
        if (row.id === "none") return;
        const progress = anlan.progress(row), notes = [];
        anlan.fill(node, {
          pill: row.severity ? t("colour " + row.severity) : t("kind " + row.kind), title: row.title, answered: row.people ? progress.answered : "",
          people: row.people ? "/" + row.people + " " + t("answered") : "",
        });
        anlan.cls(anlan.part(node, "pill"), "pill " + (row.severity || ""));
        anlan.paintBar(node.querySelector(".bar"), progress);
        if (progress.delivered) notes.push(t("delivered, not answered {n}", { n: progress.delivered }));
        if (progress.going) notes.push(t("on its way {n}", { n: progress.going }));
        if (progress.failed) notes.push(t("failed {n}", { n: progress.failed }));
        [["led", "screens showing {done}/{total}"], ["loudspeaker", "loudspeakers played {done}/{total}"]].forEach(function (pair) {
          const found = anlan.devicesOf(row, pair[0]);
          if (found.total) notes.push(t(pair[1], found));
        });
        if (row.people && progress.answered >= row.people) notes.unshift(t("all have answered"));
        notes.push(t("since {time}", { time: anlan.duration(anlan.secondsSince(row.issued_at || row.created_at)) }));
        if (row.emergency && !row.countersigned_at) notes.unshift(t("emergency: countersignature due {time}", { time: anlan.when(row.countersign_due) }));
        put(anlan.part(node, "note"), notes.join(" · "));
      });
    const silent = [], known = new Map();
    all.filter(function (row) { return row.needs_answer; }).sort(function (a, b) { return a.id - b.id; }).forEach(function (row) {
      (row.unanswered || []).forEach(function (one) {
        if (known.has(one.code)) return;
        known.set(one.code, row);
        silent.push({ key: one.code, person: one, order: row });
      });
    });
    const unnamed = all.reduce(function (sum, row) { return sum + (row.needs_answer ? Math.max(0, row.people - row.answered - (row.unanswered || []).length) : 0); }, 0);
    const total = silent.length + unnamed;
    const silentBox = anlan.byId("silent-box");
    anlan.show(silentBox, silent.length > 0);
    anlan.fill(silentBox, { "silent-count": t("{n} persons", { n: total }) });
    const two = silent.length > 2 && anlan.page.language !== "en";
    anlan.byId("silent").classList.toggle("two", two);
    anlan.sync(anlan.byId("silent"), silent.slice(0, two ? 6 : 3), function (item) { return item.key; },
      function () { return el("li", {}, el("span.who", { "data-part": "who" }), el("span.note", { "data-part": "note" })); },
      function (node, item) {
        const since = t("waiting {time}", { time: anlan.duration(anlan.secondsSince(item.order.issued_at || item.order.created_at)) });
        anlan.fill(node, {
          who: [anlan.areaName(item.order), item.person.name].filter(Boolean).join(" "),
          note: two ? since : [since, item.person.post, item.order.title].filter(Boolean).join(" · "),
        });
      });
  }

  /* bottom: pictures of the most critical stations */
  function critical() {
    const rows = anlan.list("stations").map(function (station) {
      const reading = anlan.mainReading(station.code);
      if (!anlan.isLevel(reading)) return null;
      const severity = anlan.severityAt(station.code, reading), next = reading.next;
      const near = severity ? 0 : next && reading.usable_value !== null ? next.value - reading.usable_value : 1e6;
      const over = reading.reached ? reading.reached.distance || 0 : 0;
      const state = anlan.stateOf(station, reading);
      return { station: station, reading: reading, rank: anlan.rank(severity), severity: severity, near: near, over: over, dead: state === "missing" || state === "off" };
    }).filter(Boolean);
    rows.sort(function (a, b) {
      return Number(a.dead) - Number(b.dead) || b.rank - a.rank || b.over - a.over || a.near - b.near || a.station.code.localeCompare(b.station.code);
    });
    return rows;
  }

  function pictures() {
    const rows = critical();
    const alarmed = rows.filter(function (row) { return row.rank > 0; });
    const pool = alarmed.length >= 3 ? alarmed : rows.slice(0, 3), chosen = pool.slice(0, 1), rest = pool.slice(1);
    for (let i = 0; i < Math.min(2, rest.length); i++) chosen.push(rest[(2 * turn + i) % rest.length]);
    SLOTS.forEach(function (slot, i) { picture(slot, chosen[i]); });
  }

  function picture(slot, row) {
    const card = anlan.byId("card-" + slot);
    if (!card) return;
    if (!row) { anlan.fill(card, { name: t("no level station") , value: "", over: "", rain: "" }); return; }
    const key = row.station.code, newest = row.reading.time, known = slots[slot], px = Math.round(smallest() * 10) / 10;
    if (!known || known.station !== key || (known.newest !== newest && Date.now() - known.at > 5000) || Date.now() - known.at > 60000) {
      slots[slot] = { station: key, newest: newest, at: Date.now() };
      window.dash_clientside.set_props(slot + "-wish", { data: { station: key, hours: 12, px: px, height: card.querySelector(".plot").clientHeight, theme: anlan.page.theme, exercise: anlan.page.exercise, at: Date.now() } });
    }
    head(card, row);
  }
  function head(card, row) {
    const reading = row.reading, state = anlan.stateOf(row.station, reading), value = anlan.part(card, "value");
    const now = !["stale", "missing", "off"].includes(state);
    anlan.fill(card, {
      name: anlan.thing(anlan.nameOf(row.station), reading.property, ""),
      over: [anlan.stateText(state), reading.reached ? anlan.standing(reading) : anlan.toNext(reading) || t("no limit set"), now ? anlan.trend(reading) : ""].filter(Boolean).join(" · "),
      rain: anlan.age(reading.time),
    });
    const figure = anlan.measure(reading.usable_value, reading.property), key = [figure, row.severity, state].join();
    if (value.anlanKey === key) return;
    value.anlanKey = key;
    const [number, unit] = figure.split(" ");
    value.replaceChildren(
      el("b" + (row.severity ? ".sev-" + row.severity : ""), {}, number), " " + (unit || ""));
    value.querySelector("b").classList.toggle("stale-value", state === "stale" || state === "missing");
    anlan.part(card, "over").classList.toggle("age-old", Boolean(state));
  }

  /* cameras: those where something happens first, the others in turn */
  function cameras() {
    const box = anlan.byId("cameras");
    if (!box) return;
    const rank = {};
    anlan.list("alarms").forEach(function (row) { if (row.area) rank[row.area] = Math.max(rank[row.area] || 0, anlan.rank(row.severity)); });
    const rows = anlan.list("cameras").sort(function (a, b) {
      return (rank[b.area] || 0) - (rank[a.area] || 0) || Number(b.online) - Number(a.online) || a.code.localeCompare(b.code);
    });
    const online = rows.filter(function (row) { return row.online; }).length;
    anlan.fill(anlan.byId("camera-box"), { "cameras-online": rows.length ? t("{n}/{total} online", { n: online, total: rows.length }) : "" });
    const shown = [];
    for (let i = 0; i < Math.min(4, rows.length); i++) shown.push(rows[rows.length <= 4 ? i : (4 * turn + i) % rows.length]);
    anlan.sync(box, [0, 1, 2, 3], function (i) { return i; },
      function () { return el("figure.camera", { style: "margin:0" }, el("img", { alt: "", hidden: true }), el("span.nothing", { "data-part": "nothing" }), el("span.age", { "data-part": "age" }), el("figcaption.name", { "data-part": "name" })); },
      function (node, i) {
        const row = shown[i];
        node.classList.toggle("off", Boolean(row && !row.online));
        anlan.fill(node, {
          name: row ? anlan.nameOf(row) : "", nothing: !row ? (i === 0 ? t("no camera") : "") : row.picture_url ? "" : t("no picture yet"),
          age: !row ? "" : row.online ? (row.picture_at ? anlan.age(row.picture_at) : "") : t("cut off {time}", { time: row.heard_at ? anlan.duration(anlan.secondsSince(row.heard_at)) : "" }),
        });
        anlan.cameraPicture(node, row);
      });
  }

  anlan.onChange(function (changed) {
    if (!root) return;
    anlan.showResponses(anlan.byId("responses"), "{hazard} level {level} response · since {time}", t("no emergency response"));
    if (changed.has("situation") || changed.has("alarms")) situation();
    if (changed.has("images")) images();
    orders();
    alarms();
    pictures();
    cameras();
  });
  let ticks = 0;
  anlan.onTick(function () {
    if (!root) return;
    health();
    typhoon();
    warned();
    ticks += 1;
    if (ticks % 2 === 0) { situation(); alarms(); orders(); pictures(); cameras(); }
  });
})(window.anlan);
