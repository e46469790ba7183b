/* Duty: the desks now and for fourteen days, who is away, shifts. What a person types survives every renewal. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId, DAYS = 14, MOST_LATER = 5, DAY_MS = 86400000;
  let told = null, turns = [], absences = [], shifts = [], fault = "", view = "now", ask = null;
  const duty = anlan.duty = { persons: [], desks: function () { return told ? told.desks : []; } };

  anlan.pageScript("duty", function (root) {
    told = null;
    anlan.choice(byId("duty-view"), "view", function (value) { view = value; paint(); });
    anlan.choice(byId("duty-tab"), "tab", function (value) {
      ["handover", "roster", "chains"].forEach(function (name) { anlan.show(byId("tab-" + name), name === value); });
    });
    byId("away-add").addEventListener("click", addAway);
    byId("turn-add").addEventListener("click", addTurn);
    byId("shift-add").addEventListener("click", function () { editShift(null); });
    anlan.show(byId("roster-acts"), anlan.mayDo("edit_roster"));
    duty.handover();
    duty.callees();
    ask = anlan.every(function () { return 15; }, fetchAll);
    duty.renew = ask;
    ask();
    if (root.ownerDocument.location.hash === "#roster") byId("duty-tab").querySelector('[data-tab="roster"]').click();
  });

  /* A fault in the page's language where the refusal is one that a person meets. */
  duty.said = function (error, conflict) {
    const reason = error.problem && error.problem.reason;
    return anlan.texts["duty fault " + reason] || (error.status === 409 && conflict ? t(conflict) : "") || error.message;
  };
  duty.areaName = function (code) {
    const found = (anlan.page.home.areas || []).find(function (area) { return area.code === code; });
    return found ? anlan.nameOf(found) : code;
  };

  duty.brackets = function (text) { return t("duty brackets {text}", { text: text }); };

  function midnight() { return anlan.fromLocal(anlan.date(anlan.now()) + "T00:00"); }

  async function fetchAll() {
    const since = midnight(), until = new Date(new Date(since).getTime() + DAYS * DAY_MS).toISOString();
    try {
      const answers = await Promise.all([
        anlan.api("GET", "/duty"), anlan.api("GET", "/duty/roster?since=" + encodeURIComponent(since) + "&until=" + encodeURIComponent(until)),
        anlan.api("GET", "/duty/absences"), anlan.api("GET", "/duty/shifts"), duty.persons.length ? duty.persons : anlan.api("GET", "/duty/persons"),
        duty.renewHandover(),
      ]);
      told = answers[0]; turns = answers[1]; absences = answers[2]; shifts = answers[3]; duty.persons = answers[4]; fault = "";
    } catch (error) { fault = error.message; }
    paint();
  }

  function paint() {
    const none = byId("duty-none");
    if (!none) return;
    anlan.show(byId("duty-now"), Boolean(told) && told.desks.length && view === "now");
    anlan.show(byId("duty-fortnight"), Boolean(told) && told.desks.length && view === "fortnight");
    anlan.show(none, !told || !told.desks.length);
    const text = fault && !told ? [fault, t("asked again by itself")] : !told ? [t("loading"), ""] : [t("duty no desks"), t("duty no desks hint")];
    if (!none.hidden && none.anlanText !== text.join()) { none.anlanText = text.join(); none.replaceChildren(el("strong", {}, text[0]), text[1]); }
    if (!told) return;
    put(byId("duty-as-of"), fault ? t("not renewed: {fault}", { fault: fault }) : t("duty as of {time}", { time: anlan.clock(told.at, true) }));
    paintFaults();
    paintDesks();
    if (view === "fortnight") paintFortnight();
    paintAway();
    paintShifts();
    duty.paintAreas();
    duty.paintHandover();
  }

  function positionOf(position) { return position === "leader" ? t("duty leader") : t("duty officer"); }

  function paintFaults() {
    const empty = told.desks.filter(function (one) { return one.empty; });
    const lines = empty.map(function (one) { return { key: "e" + one.area, loud: true, text: t("duty nobody now {area}", { area: anlan.nameOf(one) }) }; });
    told.owed.forEach(function (one) {
      lines.push({ key: "o" + one.area, loud: true, text: t(one.signed ? "duty owed signed {area} {time} {age}" : "duty owed {area} {time} {age}", { area: anlan.nameOf(one), time: anlan.clock(one.changed_at), age: anlan.duration(anlan.secondsSince(one.changed_at)) }) });
    });
    const later = told.clashes.map(function (one, n) {
      return { key: "c" + n, text: t("duty clash {name} {one} {other} {from} {to}", { name: one.person ? one.person.name : "", one: duty.areaName(one.first_area), other: duty.areaName(one.second_area), from: anlan.soon(one.starts), to: anlan.soon(one.ends) }) };
    });
    const coming = told.gaps.filter(function (one) { return new Date(one.starts).getTime() > new Date(told.at).getTime() || one.position !== "duty"; });
    coming.reverse().forEach(function (one) {
      later.unshift({ key: "g" + one.area + one.position + one.starts, text: t("duty gap {area} {position} {from} {to}", { area: duty.areaName(one.area), position: positionOf(one.position), from: anlan.soon(one.starts), to: anlan.soon(one.ends) }) });
    });
    const shown = lines.concat(later.slice(0, MOST_LATER));
    if (later.length > MOST_LATER) shown.push({ key: "more", text: t("duty more gaps {n}", { n: later.length - MOST_LATER }) });
    anlan.sync(byId("duty-faults"), shown, function (line) { return line.key; }, function () { return el("li"); }, function (node, line) {
      put(node, line.text);
      anlan.cls(node, line.loud ? "loud" : "");
    });
  }

  /* Who is there, and for whom. */
  duty.whoOf = whoOf;
  function whoOf(turn) {
    if (!turn.there) return t("duty away nobody {name}", { name: turn.person.name });
    return turn.there.code === turn.person.code ? turn.person.name : t("duty stands in {name} {other}", { name: turn.there.name, other: turn.person.name });
  }
  function listed(list) {
    return list.map(function (turn) { return (turn.position === "leader" ? t("duty leader") + " " : "") + whoOf(turn); }).join(t("duty comma"));
  }

  function paintDesks() {
    anlan.sync(byId("duty-desks"), told.desks, function (one) { return one.area; }, function () {
      return el("tr", {}, el("td.strong", { "data-part": "desk" }), el("td", { "data-part": "now" }), el("td.muted", { "data-part": "until" }), el("td", { "data-part": "next" }));
    }, function (node, one) {
      const officers = one.now.filter(function (turn) { return turn.position === "duty"; }), ends = officers.map(function (turn) { return turn.ends; }).sort();
      const first = one.next.map(function (turn) { return turn.starts; }).sort()[0];
      anlan.fill(node, {
        desk: anlan.nameOf(one),
        now: one.empty ? t("duty nobody") + (one.now.length ? duty.brackets(listed(one.now)) : "") : one.now.length ? listed(one.now) : t("duty unlisted"),
        until: ends.length ? anlan.soon(ends[0]) : "—",
        next: one.next.length ? anlan.soon(first) + " " + listed(one.next) : one.unlisted ? "—" : t("duty nobody next"),
      });
      anlan.cls(node, (one.empty ? "nobody" : one.unlisted ? "unlisted" : "") + (one.kind === "county" ? " county" : ""));
      const now = anlan.part(node, "now");
      now.classList.toggle("substitute", one.now.some(function (turn) { return turn.there && turn.there.code !== turn.person.code; }));
      now.title = one.now.map(function (turn) { return turn.reason ? turn.person.name + ": " + turn.reason : ""; }).filter(Boolean).join("\n");
    });
  }

  /* One cell a day: who begins on it, or is there all day; a gap stands in it by its hours. */
  function paintFortnight() {
    const start = new Date(midnight()).getTime(), days = [];
    for (let n = 0; n < DAYS; n++) days.push({ from: start + n * DAY_MS, to: start + (n + 1) * DAY_MS });
    const head = byId("fortnight-days"), key = days[0].from + anlan.page.language;
    if (head.anlanKey !== key) {
      head.anlanKey = key;
      const row = el("tr", {}, el("th", { scope: "col" }, t("duty column desk")));
      days.forEach(function (day, n) {
        const at = new Date(day.from + DAY_MS / 2), text = anlan.date(at).slice(5), week = t("weekday " + at.toLocaleDateString("en-US", { weekday: "short", timeZone: anlan.page.zone }));
        row.append(el(n ? "th" : "th.today", { scope: "col" }, text, el("br"), el("span.muted", {}, week)));
      });
      head.replaceChildren(row);
    }
    const rows = [];
    told.desks.filter(function (one) { return !one.unlisted; }).forEach(function (one) {
      ["duty", "leader"].forEach(function (position) {
        const own = turns.filter(function (turn) { return turn.area === one.area && turn.position === position; });
        const gaps = told.gaps.filter(function (gap) { return gap.area === one.area && gap.position === position; });
        if (own.length || (position === "duty" && gaps.length)) rows.push({ desk: one, position: position, turns: own, gaps: gaps });
      });
    });
    anlan.sync(byId("fortnight-desks"), rows, function (row) { return row.desk.area + row.position; }, function () {
      const node = el("tr", {}, el("th", { scope: "row" }));
      days.forEach(function () { node.append(el("td")); });
      return node;
    }, function (node, row) {
      put(node.firstChild, anlan.nameOf(row.desk) + (row.position === "leader" ? " · " + t("duty leader") : ""));
      days.forEach(function (day, n) { cell(node.children[n + 1], row, day); });
    });
  }
  function cell(node, row, day) {
    const within = function (one) { return new Date(one.starts).getTime() < day.to && new Date(one.ends).getTime() > day.from; };
    const begun = row.turns.filter(function (turn) { const at = new Date(turn.starts).getTime(); return at >= day.from && at < day.to; });
    const here = begun.length ? begun : row.turns.filter(function (turn) { return within(turn) && new Date(turn.ends).getTime() >= day.to; });
    const gaps = row.gaps.filter(within), whole = gaps.find(function (gap) { return new Date(gap.starts).getTime() <= day.from && new Date(gap.ends).getTime() >= day.to; });
    const key = JSON.stringify([here.map(function (turn) { return [turn.id, turn.there && turn.there.code, turn.changes]; }), gaps]);
    if (node.anlanKey === key) return;
    node.anlanKey = key;
    anlan.cls(node, whole ? "gap whole" : gaps.length ? "gap" : "");
    node.replaceChildren();
    here.forEach(function (turn) {
      const name = el(turn.there && turn.there.code === turn.person.code ? "button.link.turn" : "button.link.turn.substitute", { type: "button", title: anlan.soon(turn.starts) + " – " + anlan.soon(turn.ends) + (turn.reason ? " · " + turn.reason : "") + (turn.changes ? " · " + t("duty changes within") : "") }, (turn.there ? turn.there.name : t("duty nobody")) + (turn.changes ? " *" : ""));
      name.addEventListener("click", function () { openTurn(turn); });
      node.append(name);
    });
    gaps.forEach(function (gap) {
      const from = new Date(Math.max(day.from, new Date(gap.starts).getTime())), to = new Date(Math.min(day.to, new Date(gap.ends).getTime()));
      node.append(el("strong", {}, whole ? t("duty nobody") : anlan.clock(from) + "–" + (to.getTime() === day.to ? "24:00" : anlan.clock(to))));
    });
  }

  async function openTurn(turn) {
    const what = t("duty turn {area} {position} {from} {to}", { area: duty.areaName(turn.area), position: positionOf(turn.position), from: anlan.soon(turn.starts), to: anlan.soon(turn.ends) }) + "\n" + whoOf(turn) + (turn.reason ? " · " + turn.reason : "");
    if (!anlan.mayDo("edit_roster")) { await anlan.ask({ title: turn.person.name, what: what, act: t("close") }); return; }
    const given = await anlan.ask({ title: turn.person.name, what: what, act: t("duty do"), fields: [
      { name: "act", kind: "select", label: t("duty what to do"), options: [{ value: "away", label: t("duty act substitute") }, { value: "change", label: t("duty act change") }, { value: "remove", label: t("duty act remove") }] },
    ] });
    if (!given) return;
    if (given.act === "away") { addAway({ person: turn.person.code, starts: turn.starts, ends: turn.ends }); return; }
    if (given.act === "change") { changeTurn(turn, what); return; }
    const why = await anlan.ask({ title: t("duty act remove"), what: what, grave: true, act: t("duty act remove"), fields: [{ name: "reason", label: t("reason"), needed: true }] });
    if (why) act("/duty/roster/" + turn.id + "/remove", { reason: why.reason }, "duty removed");
  }

  async function changeTurn(turn, what) {
    const runs = new Date(turn.starts).getTime() <= anlan.now(), person = { value: turn.person.code, label: turn.person.name + duty.brackets(turn.person.post) };
    const fields = [{ name: "ends", kind: "datetime", label: t("duty to"), needed: true, value: anlan.toLocal(turn.ends), fault: t("duty fault bad_span") }, { name: "reason", label: t("reason"), needed: true }];
    if (!runs) {
      fields.unshift({ name: "starts", kind: "datetime", label: t("duty from"), needed: true, value: anlan.toLocal(turn.starts), fault: t("duty fault bad_span") });
      fields.unshift({ name: "person", kind: "select", label: t("duty person"), options: [person].concat(personOptions().filter(function (one) { return one.value !== person.value; })), value: person.value });
    }
    const given = await anlan.ask({ title: t("duty act change"), what: what + (runs ? "\n" + t("duty fault running") : ""), act: t("duty act change"), fields: fields });
    if (!given) return;
    const moment = function (text, old) { return text && text !== anlan.toLocal(old) ? anlan.fromLocal(text) : old; };
    act("/duty/roster/" + turn.id + "/change", { person: given.person || turn.person.code, starts: moment(given.starts, turn.starts), ends: moment(given.ends, turn.ends), reason: given.reason }, "duty turn changed", "duty turn already");
  }

  async function act(path, body, done, conflict) {
    try { await anlan.api("POST", path, body); anlan.notice(t(done)); } catch (error) { anlan.notice(duty.said(error, conflict), true); }
    ask();
  }

  function personOptions(none) {
    const found = duty.persons.map(function (one) { return { value: one.code, label: duty.areaName(one.area) + " · " + one.name + duty.brackets(one.post) }; });
    return none ? [{ value: "", label: none }].concat(found) : found;
  }
  async function addAway(known) {
    const preset = known && known.person ? known : {};
    const given = await anlan.ask({ title: t("duty add away"), what: t("duty away what"), act: t("duty enter"), fields: [
      { name: "person", kind: "select", label: t("duty who is away"), options: personOptions(), value: preset.person },
      { name: "substitute", kind: "select", label: t("duty who stands in"), options: personOptions(t("duty nobody stands in")) },
      { name: "starts", kind: "datetime", label: t("duty from"), needed: true, value: anlan.toLocal(preset.starts && new Date(preset.starts).getTime() > anlan.now() ? preset.starts : anlan.now()), fault: t("duty fault bad_span") },
      { name: "ends", kind: "datetime", label: t("duty to"), needed: true, value: anlan.toLocal(preset.ends || anlan.now() + DAY_MS), fault: t("duty fault bad_span") },
      { name: "reason", label: t("reason"), needed: true },
    ] });
    if (!given) return;
    act("/duty/absences", { person: given.person, substitute: given.substitute || null, starts: anlan.fromLocal(given.starts), ends: anlan.fromLocal(given.ends), reason: given.reason }, "duty entered", "duty away already");
  }
  async function addTurn() {
    const areas = (anlan.page.home.areas || []).filter(function (area) { return area.kind === "county" || area.kind === "town"; });
    const given = await anlan.ask({ title: t("duty add turn"), act: t("duty enter"), fields: [
      { name: "area", kind: "select", label: t("duty desk"), options: areas.map(function (area) { return { value: area.code, label: anlan.nameOf(area) }; }) },
      { name: "position", kind: "select", label: t("duty position"), options: [{ value: "duty", label: t("duty officer") }, { value: "leader", label: t("duty leader") }] },
      { name: "person", kind: "select", label: t("duty person"), options: personOptions() },
      { name: "starts", kind: "datetime", label: t("duty from"), needed: true, value: anlan.toLocal(anlan.now()), fault: t("duty fault bad_span") },
      { name: "ends", kind: "datetime", label: t("duty to"), needed: true, value: anlan.toLocal(anlan.now() + DAY_MS), fault: t("duty fault bad_span") },
    ] });
    if (!given) return;
    act("/duty/roster", { area: given.area, position: given.position, person: given.person, starts: anlan.fromLocal(given.starts), ends: anlan.fromLocal(given.ends) }, "duty entered", "duty turn already");
  }

  function paintAway() {
    anlan.show(byId("away-none"), !absences.length);
    anlan.sync(byId("away-rows"), absences, function (one) { return one.id; }, function () {
      const button = el("button", { type: "button", hidden: !anlan.mayDo("edit_roster") }, t("duty back"));
      const node = el("li", {}, el("div", {}, el("strong", { "data-part": "who" }), el("div.muted.small", { "data-part": "when" })), button);
      button.addEventListener("click", async function () {
        const one = node.anlanRow, sure = await anlan.ask({ title: t("duty back"), what: t("duty back {name}", { name: one.person.name }), act: t("duty back") });
        if (sure) act("/duty/absences/" + one.id + "/end", {}, "duty entered");
      });
      return node;
    }, function (node, one) {
      node.anlanRow = one;
      anlan.fill(node, {
        who: one.substitute ? t("duty stands in {name} {other}", { name: one.substitute.name, other: one.person.name }) : t("duty away nobody {name}", { name: one.person.name }),
        when: anlan.soon(one.starts) + " – " + anlan.soon(one.ends) + " · " + one.reason + " · " + one.made_by,
      });
      anlan.cls(node, new Date(one.starts).getTime() > anlan.now() ? "coming" : "");
    });
  }

  function paintShifts() {
    anlan.show(byId("shift-none"), !shifts.length);
    anlan.sync(byId("shift-rows"), shifts, function (one) { return one.code; }, function () {
      const make = el("button", { type: "button" }, t("duty make")), change = el("button", { type: "button", "data-act": "change" }, t("duty change"));
      const node = el("li", {}, el("div", {}, el("strong", { "data-part": "name" }), el("div.muted.small", { "data-part": "how" })), el("span.row-acts", { hidden: !anlan.mayDo("edit_roster") }, make, change));
      make.addEventListener("click", function () { duty.makeTurns(node.anlanRow, ask); });
      change.addEventListener("click", function () { editShift(node.anlanRow); });
      node.anlanMake = make;
      return node;
    }, function (node, one) {
      node.anlanRow = one;
      anlan.show(node.anlanMake, one.active);
      const names = one.rota.map(function (entry) { return entry.map(duty.nameOf).join("+"); });
      anlan.fill(node, {
        name: duty.areaName(one.area) + " · " + one.name + (one.active ? "" : duty.brackets(t("duty not in use"))),
        how: positionOf(one.position) + " " + one.starts + "–" + one.ends + " · " + t("duty rota {names}", { names: names.slice(0, 6).join(" → ") + (names.length > 6 ? " …" : "") }) + " · " + (one.made_until ? t("duty made until {day}", { day: anlan.date(one.made_until) }) : t("duty never made")),
      });
      anlan.cls(node, one.active ? "" : "off");
    });
  }
  duty.nameOf = function (code) {
    const found = duty.persons.find(function (one) { return one.code === code; });
    return found ? found.name : code;
  };
  /* What is kept says nothing yet about who is there: the turns are made next. */
  async function editShift(old) {
    const kept = await duty.editShift(old);
    if (!kept) return;
    ask();
    if (kept.active) duty.makeTurns(kept, ask);
  }
})(window.anlan);
