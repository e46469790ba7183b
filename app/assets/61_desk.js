/* The duty desk: alarms in groups, acts on one or many, and all about the chosen one. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const HOLD_MS = 4000, acts = anlan.alarmActs;
  let root = null, current = null, hours = 24, shownOrder = [], held = 0, drawn = {};
  const chosen = new Set();
  const filter = { severity: new Set(["red", "orange", "yellow", "blue", "none"]), state: "active", town: "", class: "", group: "town" };
  /* In a flood of alarms the desk goes over to its storm view by itself, and back; whoever chooses otherwise is let. */
  const storm = { on: false, chosen: false, before: "town", opened: new Set() };
  const history = { id: null, stamp: "", events: null, fault: "" };

  anlan.pageScript("desk", function (found) {
    root = found;
    const wanted = new URLSearchParams(window.location.search).get("alarm");
    if (wanted) current = Number(wanted);
    byId("filter-severity").querySelectorAll("button").forEach(function (button) {
      button.addEventListener("click", function () {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        filter.severity[on ? "add" : "delete"](button.dataset.severity);
        fresh();
      });
    });
    anlan.choice(byId("filter-state"), "state", function (value) { filter.state = value; fresh(); });
    [["filter-town", "town"], ["filter-class", "class"], ["group-by", "group"]].forEach(function (pair) {
      byId(pair[0]).addEventListener("change", function (event) { filter[pair[1]] = event.target.value; storm.chosen = storm.chosen || pair[1] === "group"; fresh(); });
    });
    byId("storm-switch").addEventListener("click", function () { storm.chosen = true; group(filter.group === "storm" ? storm.before : "storm"); fresh(); });
    const towns = byId("filter-town");
    (anlan.page.home.areas || []).filter(function (area) { return area.kind === "town"; }).forEach(function (area) {
      towns.append(el("option", { value: area.code }, anlan.nameOf(area)));
    });
    anlan.choice(byId("detail-hours"), "hours", function (value) { hours = Number(value); wish(true); });
    byId("choose-all").addEventListener("click", chooseAll);
    byId("bulk-acknowledge").addEventListener("click", function () { many(acts.acknowledge, Array.from(chosen)); });
    byId("bulk-shelve").addEventListener("click", function () { many(acts.shelve, Array.from(chosen)); });
    byId("detail-acknowledge").addEventListener("click", function () { many(acts.acknowledge, [current]); });
    byId("detail-shelve").addEventListener("click", function () { many(acts.shelve, [current]); });
    [["reset", acts.reset], ["unacknowledge", acts.unacknowledge], ["unshelve", acts.unshelve], ["take-out", acts.takeOut]].forEach(function (pair) {
      byId("detail-" + pair[0]).addEventListener("click", function () { const row = alarm(current); if (row) pair[1](row); });
    });
    byId("fresh").addEventListener("click", fresh);
    const list = byId("alarm-list");
    list.addEventListener("pointermove", function () { held = Date.now(); });
    list.addEventListener("scroll", function () { held = Date.now(); });
    document.addEventListener("keydown", keys);
    anlan.alarmSound();
  });

  function byId(id) { return anlan.byId(id); }
  function fresh() { held = 0; shownOrder = []; paint(); }
  function group(by) { filter.group = by; byId("group-by").value = by; }
  async function many(act, ids) {
    if (await act(ids.map(alarm))) { chosen.clear(); fresh(); }
  }
  function alarm(id) { return anlan.model.alarms.get(String(id)) || null; }

  function fits(row) {
    if (!filter.severity.has(row.severity || "none")) return false;
    if (!anlan.ALARM_STATES[filter.state](row)) return false;
    if (filter.town && !inside(row.area, filter.town)) return false;
    return !filter.class || row.class === filter.class;
  }
  function inside(area, town) {
    const areas = new Map((anlan.page.home.areas || []).map(function (one) { return [one.code, one]; }));
    for (let code = area; code; code = (areas.get(code) || {}).parent) if (code === town) return true;
    return false;
  }
  function groupOf(row) {
    if (filter.group === "none") return "";
    if (filter.group === "river") {
      const station = row.station ? anlan.model.stations.get(row.station) : null;
      return (station && station.river) || t("no river");
    }
    return anlan.nameOf(anlan.townOf(row.area)) || t("elsewhere");
  }

  /* While somebody points into the list nothing changes place; what is new waits behind a button. */
  function ordered() {
    const rows = anlan.list("alarms").filter(fits).sort(anlan.alarmOrder);
    if (Date.now() - held > HOLD_MS || !shownOrder.length) {
      shownOrder = rows.map(function (row) { return row.id; });
      return { rows: rows, waiting: 0 };
    }
    const place = new Map(shownOrder.map(function (id, i) { return [id, i]; }));
    const kept = rows.filter(function (row) { return place.has(row.id); });
    kept.sort(function (a, b) { return place.get(a.id) - place.get(b.id); });
    return { rows: kept, waiting: rows.length - kept.length };
  }

  function items(rows) {
    if (filter.group === "storm") return stormItems(rows);
    const groups = new Map();
    rows.forEach(function (row) {
      const name = groupOf(row);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row);
    });
    const found = [];
    groups.forEach(function (list, name) {
      if (filter.group !== "none") found.push({ key: "g/" + name, name: name, list: list });
      list.forEach(function (row) { found.push({ key: "a/" + row.id, row: row }); });
    });
    return found;
  }

  function stormItems(rows) {
    const found = [];
    anlan.stormGroups(rows).forEach(function (one) {
      found.push({ key: "s/" + one.key, storm: one });
      if (storm.opened.has(one.key)) one.rows.forEach(function (row) { found.push({ key: "a/" + row.id, row: row }); });
    });
    return found;
  }
  function weather() {
    const now = anlan.stormsNow(), on = now.length > 0;
    if (on !== storm.on) {
      storm.on = on;
      if (on && filter.group !== "storm") { storm.before = filter.group; storm.chosen = false; group("storm"); shownOrder = []; }
      else if (!on && !storm.chosen && filter.group === "storm") { group(storm.before); shownOrder = []; }
    }
    anlan.show(byId("storm"), on);
    if (!on) return;
    anlan.fill(byId("storm"), { text: now.map(anlan.stormText).join(" · ") });
    put(byId("storm-switch"), filter.group === "storm" ? t("show every alarm by itself") : t("one line a group"));
  }

  function paint() {
    if (!root || !anlan.ready) return;
    weather();
    const all = anlan.list("alarms"), found = ordered(), list = byId("alarm-list");
    Array.from(chosen).forEach(function (id) { if (!alarm(id)) chosen.delete(id); });
    const shown = items(found.rows), loading = list.querySelector(":scope > .loading");
    if (loading) loading.remove();
    anlan.sync(list, shown.length ? shown : [{ key: all.length ? "nothing" : "quiet" }], function (item) { return item.key; }, create, update);
    anlan.show(byId("fresh"), found.waiting > 0);
    put(byId("fresh"), t("{n} new alarms: show", { n: found.waiting }));
    const open = all.filter(anlan.isUnacknowledged).length, active = all.filter(anlan.ALARM_STATES.active);
    const states = byId("filter-state"), shownStates = all.filter(anlan.ALARM_STATES[filter.state]);
    Object.keys(anlan.ALARM_STATES).forEach(function (state) {
      const n = all.filter(anlan.ALARM_STATES[state]).length, place = anlan.part(states, state);
      put(place, n);
      place.parentNode.classList.toggle("nobody", !n);
    });
    anlan.fill(byId("desk-head"), { count: active.length + (open ? " · " + t("{n} unacknowledged", { n: open }) : "") });
    ["red", "orange", "yellow", "blue", "none"].forEach(function (severity) {
      const n = shownStates.filter(function (row) { return (row.severity || "none") === severity; }).length;
      put(anlan.part(byId("filter-severity"), severity), n);
    });
    bulk();
    detail();
  }

  function create(item) {
    if (item.storm) return anlan.createStorm(item.storm, unfold, function (one) { acts.acknowledge(one.rows, t("acknowledge") + " · " + one.name); });
    if (!item.row && !item.name) {
      return item.key === "quiet"
        ? el("div.empty", {}, el("strong", {}, t("all is quiet")), t("all is quiet hint"))
        : el("div.empty", {}, el("strong", {}, t("no alarm fits the filters")), t("no alarm fits hint"));
    }
    if (item.name !== undefined && !item.row) return el("div.group", {}, el("span", { "data-part": "name" }), el("span.muted", { "data-part": "count" }));
    const id = item.row.id;
    const box = el("input", { type: "checkbox", "aria-label": t("acknowledge") });
    box.addEventListener("change", function () { chosen[box.checked ? "add" : "delete"](id); bulk(); mark(); });
    const node = el("div.alarm", { role: "option", tabIndex: -1 },
      el("label.tick", {}, box),
      el("div.body", {}, el("div.title", { "data-part": "title" }), el("div.note", { "data-part": "note" })),
      el("span.pill", { "data-part": "pill" }));
    node.addEventListener("click", function (event) { if (!event.target.closest(".tick")) pick(id); });
    return node;
  }
  function unfold(one) {
    storm.opened[storm.opened.has(one.key) ? "delete" : "add"](one.key);
    paint();
  }
  function update(node, item) {
    if (item.storm) { anlan.updateStorm(node, item.storm, storm.opened.has(item.storm.key), anlan.mayDo("acknowledge")); return; }
    if (item.name !== undefined && !item.row) {
      const open = item.list.filter(anlan.isUnacknowledged).length;
      anlan.fill(node, { name: item.name, count: open ? t("{open} of {n}", { open: open, n: item.list.length }) : item.list.length });
      return;
    }
    const row = item.row;
    if (!row) return;
    const waiting = anlan.isUnacknowledged(row), pill = anlan.part(node, "pill");
    anlan.cls(node, ["alarm", row.severity || "none", row.id === current ? "current" : "", row.state].join(" "));
    node.dataset.alarm = row.id;
    anlan.fill(node, { title: anlan.alarmTitle(row), note: anlan.alarmNote(row), pill: (row.severity ? t("colour " + row.severity) + " · " : "") + t("state " + row.state) });
    anlan.cls(pill, "pill " + (waiting ? (row.severity || "") + " flash" : ""));
    node.setAttribute("aria-selected", String(chosen.has(row.id)));
    node.querySelector("input").checked = chosen.has(row.id);
  }
  function mark() {
    byId("alarm-list").querySelectorAll(".alarm").forEach(function (node) {
      const id = Number(node.dataset.alarm);
      node.classList.toggle("current", id === current);
      node.setAttribute("aria-selected", String(chosen.has(id)));
      node.querySelector("input").checked = chosen.has(id);
    });
  }

  function bulk() {
    anlan.fill(byId("bulk"), { chosen: chosen.size ? t("{n} chosen", { n: chosen.size }) : "" });
    byId("bulk-acknowledge").disabled = !chosen.size || !anlan.mayDo("acknowledge");
    byId("bulk-shelve").disabled = !chosen.size || !anlan.mayDo("shelve");
  }
  function chooseAll() {
    const ids = Array.from(byId("alarm-list").querySelectorAll(".alarm")).map(function (node) { return Number(node.dataset.alarm); });
    const every = ids.length > 0 && ids.every(function (id) { return chosen.has(id); });
    ids.forEach(function (id) { chosen[every ? "delete" : "add"](id); });
    bulk();
    mark();
  }

  function pick(id) {
    current = id;
    mark();
    detail();
    wish(true);
  }

  /* the chosen alarm */
  function detail() {
    const row = current === null ? null : alarm(current);
    const gone = current !== null && !row;
    anlan.show(byId("detail"), Boolean(row));
    anlan.show(byId("detail-empty"), !row);
    anlan.verification(row);
    if (gone) put(byId("detail-empty").querySelector("strong"), t("this alarm is over"));
    if (!row) return;
    const box = byId("detail"), station = row.station ? anlan.model.stations.get(row.station) : null;
    const reading = row.station ? anlan.mainReading(row.station) : null;
    anlan.fill(box, { title: anlan.alarmTitle(row), note: anlan.alarmNote(row), pill: (row.severity ? t("colour " + row.severity) + " · " : "") + t("state " + row.state) });
    anlan.cls(anlan.part(box, "pill"), "pill " + (anlan.isUnacknowledged(row) ? (row.severity || "") + " flash" : row.severity || ""));
    anlan.show(byId("detail-acknowledge"), anlan.isUnacknowledged(row) && anlan.mayDo("acknowledge"));
    const hidden = anlan.HIDDEN.includes(row.state);
    anlan.show(byId("detail-reset"), row.state === "latched" && anlan.mayDo("check_order"));
    anlan.show(byId("detail-unacknowledge"), row.state === "acknowledged" && anlan.mayDo("acknowledge"));
    anlan.show(byId("detail-take-out"), row.state !== "out_of_service" && Boolean(anlan.servedBy(row)) && anlan.mayDo("shelve"));
    anlan.show(byId("detail-shelve"), !hidden && anlan.mayDo("shelve"));
    anlan.show(byId("detail-unshelve"), row.state === "shelved" && anlan.mayDo("shelve"));
    anlan.show(byId("detail-order"), anlan.mayDo("draft_order"));
    anlan.show(byId("detail-station"), Boolean(row.station));
    anlan.show(byId("detail-report"), row.subject_kind === "report");
    if (row.subject_kind === "report") byId("detail-report").href = anlan.link("/reports?report=" + encodeURIComponent(row.subject));
    if (row.station) byId("detail-station").href = anlan.link("/stations/" + encodeURIComponent(row.station) + (row.property ? "?series=" + row.property + ".1.0" : ""));
    byId("detail-order").href = anlan.link("/orders/new?alarm=" + row.id);
    facts(row, station, reading);
    const state = anlan.stateOf(station, reading);
    anlan.fill(box, { reading: reading ? [t("property " + reading.property), anlan.measure(reading.usable_value, reading.property), anlan.standing(reading), ["stale", "missing", "off"].includes(state) ? "" : anlan.trend(reading), anlan.age(reading.time), anlan.stateText(state)].filter(Boolean).join(" · ") : "" });
    anlan.show(byId("detail-picture"), Boolean(reading));
    card(row);
    relatedOrders(row);
    if (history.id !== row.id || history.stamp !== stamp(row)) read(row);
    course();
    wish(false);
  }
  function stamp(row) { return [row.state, row.severity, row.value, row.observed_at, row.acknowledged_at].join("|"); }

  function facts(row, station, reading) {
    const found = [
      ["fact value", row.property ? anlan.measure(anlan.alarmValue(row), row.property) : ""],
      ["fact limit", row.threshold !== null ? anlan.limitName(row.threshold_name) + " " + anlan.measure(row.threshold, row.property) : ""],
      ["fact highest", row.highest_severity ? t("colour " + row.highest_severity) : ""],
      ["fact raised", anlan.when(row.raised_at, true)],
      ["fact observed", row.observed_at ? anlan.when(row.observed_at, true) : ""],
      ["fact town", Array.from(new Set([anlan.nameOf(anlan.townOf(row.area)), anlan.areaName(row)])).filter(Boolean).join(" ")],
      ["fact river", station ? station.river : ""],
      ["fact datum", station && anlan.isLevel(reading) ? anlan.datum(station.datum) : ""],
      ["fact rule", (anlan.texts["rule " + row.rule] || row.rule) + " v" + row.rule_version],
      ["fact shelved", row.state === "shelved" ? row.shelved_reason + " · " + t("until {time}", { time: anlan.when(row.shelved_until) }) : ""],
      ["fact suppressed", row.state === "suppressed" ? anlan.suppressedWhy(row) : ""],
      ["fact out of service", row.state === "out_of_service" && row.service_until ? t("until {time}", { time: anlan.when(row.service_until) }) : ""],
      ["fact called as", !row.severity && row.priority ? t("colour " + row.priority) : ""],
    ].filter(function (one) { return one[1]; });
    anlan.sync(byId("detail-facts"), found, function (one) { return one[0]; },
      function (one) { return el("div", {}, el("dt", {}, t(one[0])), el("dd", { "data-part": "value" })); },
      function (node, one) { anlan.fill(node, { value: one[1] }); });
  }

  function card(row) {
    const key = row.rule + "/" + row.rule_version + "/" + anlan.page.language;
    if (drawn.card === key) return;
    drawn.card = key;
    const found = (anlan.page.home.cards || {})[row.rule + "/" + row.rule_version], box = byId("detail-card");
    const texts = found ? found.card[anlan.page.language] || found.card.zh || {} : {};
    box.replaceChildren();
    ["action", "within", "cause", "consequence"].forEach(function (name) {
      if (texts[name]) box.append(el("p", {}, el("b", {}, t("card " + name) + "　"), texts[name]));
    });
    if (!box.childNodes.length) box.append(el("p.muted", {}, t("no card")));
    else box.append(el("p.muted.small", {}, t("source: {source}", { source: anlan.texts["source " + row.rule + "/" + row.rule_version] || found.source })));
  }

  function relatedOrders(row) {
    const ids = row.orders || [];
    anlan.sync(byId("detail-orders"), ids.length ? ids : ["none"], function (id) { return id; },
      function (id) { return id === "none" ? el("li.muted", {}, t("no order yet")) : el("li", {}, el("a", { href: anlan.link("/orders/" + id) }, el("span", { "data-part": "text" }))); },
      function (node, id) {
        if (id === "none") return;
        const order = anlan.model.orders.get(String(id));
        anlan.fill(node, { text: order ? order.number + " " + order.title + " · " + t("order state " + order.state) + (order.people ? " · " + order.answered + "/" + order.people + " " + t("answered") : "") : "#" + id });
      });
  }

  async function read(row) {
    const id = row.id;
    if (history.id !== id) { history.events = null; history.fault = ""; }
    history.id = id;
    history.stamp = stamp(row);
    try {
      const found = await anlan.api("GET", "/alarms/" + id);
      if (history.id !== id) return;
      history.events = found.events;
      history.fault = "";
    } catch (error) {
      if (history.id !== id) return;
      history.fault = error.message;
    }
    course();
  }
  function course() {
    const events = history.events ? history.events.slice().reverse() : [];
    const list = history.fault ? [{ fault: history.fault }] : events.length ? events : [{ wait: true }];
    anlan.sync(byId("detail-events"), list, function (event) { return event.fault ? "fault" : event.wait ? "wait" : event.at + event.kind; },
      function () { return el("li", {}, el("time", { "data-part": "at" }), " ", el("span", { "data-part": "text" })); },
      function (node, event) {
        if (event.fault) { anlan.fill(node, { text: t("the course could not be read: {fault}", { fault: event.fault }) }); return; }
        if (event.wait) { anlan.fill(node, { text: t("loading") }); return; }
        const row = alarm(current) || {}, known = anlan.texts["event " + event.kind] || event.kind, said = event.detail || {};
        anlan.fill(node, {
          at: anlan.when(event.at, true),
          text: [known + (event.severity ? " " + t("colour " + event.severity) : ""), event.value !== null ? anlan.measure(event.value, row.property) : "",
            anlan.actor(event.actor), (event.kind === "uncalled" && anlan.texts["why uncalled " + said.reason]) || said.reason || said.note || "", event.late && event.kind !== "late" ? t("event late") : ""].filter(Boolean).join(" · "),
        });
      });
  }

  /* the picture follows the newest value, at most every five seconds */
  function wish(force) {
    const row = current === null ? null : alarm(current);
    if (!row || !row.station) return;
    const reading = anlan.mainReading(row.station), key = row.station + "/" + hours, newest = reading ? reading.time : "";
    const known = drawn.wish || {};
    if (!force && known.key === key && (known.newest === newest || Date.now() - known.at < 5000) && Date.now() - (known.at || 0) < 60000) return;
    drawn.wish = { key: key, newest: newest, at: Date.now() };
    window.dash_clientside.set_props("picture-detail-wish", { data: { station: row.station, hours: hours, px: 13, height: byId("detail-picture").querySelector(".plot").clientHeight, theme: anlan.page.theme, exercise: anlan.page.exercise, at: Date.now() } });
  }

  function keys(event) {
    if (!root || document.querySelector("dialog[open]") || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const nodes = Array.from(byId("alarm-list").querySelectorAll(".alarm"));
    const at = nodes.findIndex(function (node) { return Number(node.dataset.alarm) === current; });
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = nodes[Math.min(nodes.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))];
      if (!next) return;
      event.preventDefault();
      pick(Number(next.dataset.alarm));
      next.scrollIntoView({ block: "nearest" });
    } else if (event.key === " " && current !== null && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      chosen[chosen.has(current) ? "delete" : "add"](current);
      bulk();
      mark();
    } else if (/^[aA]$/.test(event.key)) many(acts.acknowledge, chosen.size ? Array.from(chosen) : current === null ? [] : [current]);
    else if (/^[sS]$/.test(event.key)) many(acts.shelve, chosen.size ? Array.from(chosen) : current === null ? [] : [current]);
    else if (/^[oO]$/.test(event.key) && current !== null && anlan.mayDo("draft_order")) window.location.assign(byId("detail-order").href);
  }

  anlan.onChange(function (changed) {
    if (!root) return;
    paint();
    if (changed.has("situation") && anlan.situationNow) {
      const calls = anlan.situationNow.calls, box = byId("desk-load");
      anlan.fill(box, { load: t("{n} alarms", { n: calls }), judged: "· " + t("last 10 minutes") + (calls > 10 ? " · " + t("above the peak of 10: more than one desk can handle") : "") });
      box.classList.toggle("age-old", calls > 10);
    }
  });
  let ticks = 0;
  anlan.onTick(function () { ticks += 1; if (root && ticks % 5 === 0) paint(); });
})(window.anlan);
