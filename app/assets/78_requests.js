/* Requests for a second person: the strip on every page, the list, one request with all that it silences. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId;
  let found = null, fault = "", shown = "open", chosen = null, whole = null, ask = null, busy = false;

  anlan.openRequests = function () { return anlan.list("requests").filter(function (one) { return new Date(one.expires_at).getTime() > anlan.now(); }); };
  function strip() {
    const link = byId("request-strip");
    if (!link || !anlan.ready) return;
    const waiting = anlan.openRequests();
    anlan.show(link, waiting.length > 0 && link.closest("[data-page]").dataset.page !== "requests");
    if (!waiting.length) return;
    const first = waiting.sort(function (a, b) { return a.expires_at.localeCompare(b.expires_at); })[0];
    put(anlan.part(link, "requests"), t("{n} wait for a second person: {what}, proposed by {name}, {left} left", { n: waiting.length, what: t("request " + first.kind), name: first.proposed_by, left: anlan.timer((new Date(first.expires_at).getTime() - anlan.now()) / 1000) }));
  }
  anlan.onTick(strip);
  anlan.onChange(function (changed) { if (changed.has("requests")) { strip(); if (ask) ask(); } });

  anlan.pageScript("requests", function () {
    found = null; whole = null; shown = "open";
    const asked = Number(new URLSearchParams(window.location.search).get("request"));
    chosen = asked || null;
    anlan.choice(byId("requests-shown"), "shown", function (value) { shown = value; found = null; ask(); paint(); });
    ask = anlan.every(function () { return 15; }, fetchAll);
    ask();
  });
  anlan.onTick(function () { if (byId("request-rows")) { clocks(); } });

  async function fetchAll() {
    if (!byId("request-rows")) return;
    const of = shown;
    try {
      const list = await anlan.api("GET", anlan.link("/requests?limit=100" + (of === "open" ? "&state=open" : "")));
      if (of !== shown) return;
      found = of === "open" ? list.filter(function (one) { return one.state === "open"; }) : list;
      if (chosen) whole = await anlan.api("GET", "/requests/" + chosen);
      fault = "";
    } catch (error) { fault = error.message; }
    paint();
  }
  async function choose(id) {
    chosen = id; whole = null;
    paint();
    try { const one = await anlan.api("GET", "/requests/" + id); if (chosen === id) whole = one; } catch (error) { anlan.notice(error.message, true); }
    paint();
  }

  function subjectOf(one) {
    const facts = one.silences.facts;
    if (facts.rule) return anlan.ruleName(facts.rule);
    if (facts.old && facts.station) return ((anlan.page.language === "en" && facts.station_name_en) || facts.station_name) + " " + anlan.limitName(facts.old.name);
    const names = one.silences.stations.map(anlan.nameOf).concat(one.silences.alarms.map(function (alarm) { return alarm.station_name || alarm.subject; }));
    return Array.from(new Set(names)).slice(0, 3).join("、") || one.subject;
  }
  function left(one) {
    if (one.state !== "open") return t("request state " + one.state) + (one.decided_at ? " · " + anlan.when(one.decided_at) + (one.decided_by ? " " + one.decided_by : "") : "");
    return t("{left} left to decide", { left: anlan.timer((new Date(one.expires_at).getTime() - anlan.now()) / 1000) });
  }
  function clocks() {
    (found || []).forEach(function (one) { const node = byId("request-left-" + one.id); if (node) put(node, left(one)); });
  }

  function paint() {
    const list = byId("request-rows");
    if (!list) return;
    const none = byId("request-none"), empty = !found || !found.length;
    anlan.show(none, empty);
    if (empty) none.replaceChildren(el("strong", {}, !found ? fault || t("loading") : t("nothing waits for a second person")), found ? t("nothing waits hint") : "");
    anlan.sync(list, found || [], function (one) { return one.id; }, function (one) {
      const node = el("li", {}, el("button", { type: "button" }, el("span.strong", { "data-part": "what" }), el("span", { id: "request-left-" + one.id }), el("span.muted.small", { "data-part": "who" })));
      node.firstChild.addEventListener("click", function () { choose(one.id); });
      return node;
    }, function (node, one) {
      anlan.cls(node, (one.id === chosen ? "current " : "") + one.state);
      anlan.fill(node, { what: t("request " + one.kind) + " · " + subjectOf(one), who: one.proposed_by + " · " + anlan.when(one.proposed_at) + " · " + one.reason });
    });
    clocks();
    anlan.show(byId("request-empty"), !whole);
    anlan.show(byId("request-detail"), Boolean(whole));
    if (whole) detail();
  }

  function facts(pairs) {
    const list = el("dl.facts");
    pairs.filter(function (pair) { return pair[1]; }).forEach(function (pair) { list.append(el("div", {}, el("dt", {}, pair[0]), el("dd", {}, pair[1]))); });
    return list;
  }
  function names(title, lines) {
    if (!lines.length) return "";
    const list = el("ol.silenced");
    lines.forEach(function (line) { list.append(el("li", {}, line)); });
    return el("section", {}, el("h3", {}, title + " (" + lines.length + ")"), list);
  }

  function detail() {
    const one = whole, seen = one.present || one.silences, box = byId("request-detail"), key = JSON.stringify(one) + anlan.page.language;
    if (box.anlanKey === key) return;
    box.anlanKey = key;
    const parts = [
      el("div.detail-head", {}, el("div", {}, el("h2", {}, t("request " + one.kind) + " · " + subjectOf(one)), el("div.muted.small", {}, t("request {n}", { n: one.id }) + " · " + left(one))), acts(one)),
      facts([[t("proposed by"), one.proposed_by + " · " + anlan.when(one.proposed_at)], [t("reason"), one.reason], [t("ends by itself"), one.ends_at ? anlan.when(one.ends_at) : t("stays until it is changed again")], [t("decided by"), one.decided_by ? one.decided_by + " · " + anlan.when(one.decided_at) : ""], [t("note"), one.note]]),
    ];
    if (one.impossible) parts.push(el("p.warn", {}, one.impossible));
    if (one.state === "open" && one.you_may_not) parts.push(el("p.muted", {}, one.you_may_not));
    parts.push(change(seen.facts));
    parts.push(el("h3.silences", {}, one.state === "open" ? t("exactly this falls silent") : t("this was shown")));
    parts.push(names(t("open alarms"), seen.alarms.map(function (alarm) { return (alarm.severity ? t("colour " + alarm.severity) : alarm.highest_severity ? t("was {colour}", { colour: t("colour " + alarm.highest_severity) }) : "") + " " + (alarm.station_name || alarm.subject) + " · " + anlan.ruleName(alarm.rule) + " · " + t("state " + alarm.state); })));
    parts.push(names(t("stations that fall silent"), seen.stations.map(function (station) { return anlan.nameOf(station) + " " + station.code; })));
    parts.push(names(t("persons who are no longer called"), seen.persons.map(function (person) { return person.name + " · " + person.post; })));
    if (!seen.alarms.length && !seen.stations.length) parts.push(el("p.muted", {}, t("no alarm is open for it now")));
    box.replaceChildren.apply(box, parts.filter(Boolean));
  }

  function change(seen) {
    if (seen.hidden) return facts([[t("what hides what"), t("{source} hides {target}", { source: anlan.ruleName(seen.hidden.source), target: anlan.ruleName(seen.hidden.target) })], [t("what both must share"), t("share " + seen.hidden.equal)], [t("after it is over"), seen.hidden.release_after_s ? anlan.duration(seen.hidden.release_after_s) : ""]]);
    if (!seen.old) return "";
    if (seen.rule) {
      const rows = Object.keys(seen.old).filter(function (name) { return JSON.stringify(seen.old[name]) !== JSON.stringify(seen.new[name]); });
      return facts([[t("what it relaxes"), seen.relaxes.map(function (how) { return t("rule relaxes " + how); }).join("、")]].concat(rows.map(function (name) { return [name, JSON.stringify(seen.old[name]) + " → " + JSON.stringify(seen.new[name])]; })));
    }
    const before = anlan.measure(seen.old.value, seen.old.property), after = seen.new ? anlan.measure(seen.new.value, seen.new.property) : t("none");
    const box = el("div.change", {}, facts([[t("what it relaxes"), seen.relaxes.map(function (how) { return t("relaxes " + how); }).join("、")], [anlan.limitName(seen.old.name), before + " → " + after],
      [t("severity"), seen.new && seen.new.severity !== seen.old.severity ? t("colour " + seen.old.severity) + " → " + t("colour " + seen.new.severity) : ""], [t("deadband"), seen.new && seen.new.deadband !== seen.old.deadband ? seen.old.deadband + " → " + seen.new.deadband : ""]]));
    const year = seen.last_year;
    if (year && year.changed) {
      box.append(el("h3", {}, t("in the last year")));
      box.append(facts([[t("limits now"), t("{n} alarms, {calls} calls", { n: year.now.alarms, calls: year.now.load.calls })], [t("limits changed"), t("{n} alarms, {calls} calls", { n: year.changed.alarms, calls: year.changed.load.calls })]]));
      box.append(anlan.drawGone(year.difference));
    }
    return box;
  }

  function acts(one) {
    const box = el("div.acts");
    if (one.state !== "open") return box;
    const mine = one.proposed_by === anlan.page.user;
    if (!one.you_may_not || mine) box.append(el("button", { type: "button", id: "request-refuse", onclick: function () { decide(one, false); } }, mine ? t("take it back") : t("refuse")));
    if (!one.you_may_not && !one.impossible) box.append(el("button.act", { type: "button", id: "request-approve", onclick: function () { decide(one, true); } }, t("allow it")));
    return box;
  }
  async function decide(one, yes) {
    if (busy) return;
    const seen = one.present || one.silences;
    const answer = await anlan.ask({
      title: (yes ? t("allow it") : one.proposed_by === anlan.page.user ? t("take it back") : t("refuse")) + " · " + t("request " + one.kind) + " · " + subjectOf(one),
      what: yes ? t("will silence {alarms} {stations} {persons}", { alarms: seen.alarms.length, stations: seen.stations.length, persons: seen.persons.length }) : t("nothing falls silent then"),
      fields: [{ name: "note", label: t("note") }], act: yes ? t("allow it") : t("yes, do so"), grave: yes,
    });
    if (!answer) return;
    busy = true;
    try {
      if (yes) await anlan.api("POST", "/requests/" + one.id + "/approve", { content_hash: one.present_hash, note: answer.note });
      else await anlan.api("POST", "/requests/" + one.id + "/refuse", { note: answer.note });
      anlan.notice(yes ? t("done, and the commanders are told") : t("refused"));
    } catch (error) { anlan.notice(error.message, true); } finally { busy = false; }
    await choose(one.id);
    ask();
  }
})(window.anlan);
