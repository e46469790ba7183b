/* One order: how far each recipient is, never further than was proved, and the whole course. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const GOOD = ["answered", "acted", "showing", "playing", "done", "cleared"], WAY = ["delivered", "accepted", "queued"];
  const BAD = ["failed", "rejected", "expired", "unanswered", "preempted", "unknown"];
  let root = null, only = "all", whole = null, wholeStamp = "", alarmEvents = [], alarmRead = null, refused = false, planned = [];

  anlan.pageScript("order", function (found) {
    root = found;
    anlan.choice(anlan.byId("delivery-filter"), "only", function (value) { only = value; paint(); });
    ACTS.forEach(function (act) { anlan.byId("act-" + act.name).addEventListener("click", function () { run(act); }); });
  });
  anlan.onRefused(function () {
    refused = true;
    const none = anlan.byId("delivery-none");
    if (none) none.replaceChildren(el("strong", {}, t("no such order")), t("no such order hint"));
  });

  function order() { return anlan.model.orders.get(String(anlan.page.order)) || null; }
  function path(rest) { return "/orders/" + anlan.page.order + rest; }

  /* What is not pushed: texts, approvals, what is still to be signed. Read anew when the order changed. */
  async function read(row) {
    const stamp = [row.state, row.issued_at, row.ended_at, row.countersigned_at, anlan.model.events.size].join("|");
    if (stamp === wholeStamp) return;
    wholeStamp = stamp;
    try { whole = await anlan.api("GET", path("")); texts(); about(); buttons(row); } catch (error) { anlan.notice(error.message, true); return; }
    await readPlanned(row);
    paint();
  }
  /* Before it is issued: to whom exactly it would go, for those who check and sign. */
  async function readPlanned(row) {
    planned = [];
    if (!WAITING.includes(row.state) || !anlan.mayDo("draft_order")) return;
    const asked = {};
    ["area", "severity", "title", "text", "led_text", "spoken_text", "ends_at", "alarm", "exercise", "selection"].forEach(function (name) { asked[name] = whole[name]; });
    let found = null;
    try { found = await anlan.api("POST", "/orders/preview", asked); } catch (error) { return; /* the draft can no longer go out as it is; the acts say why */ }
    const line = function (kind, channel) {
      return function (one) { return Object.assign({ id: kind + one.code, recipient_kind: kind, channel: channel, state: "planned" }, one); };
    };
    planned = found.persons.map(line("person", "sms")).concat(found.screens.map(line("device", "led")), found.loudspeakers.map(line("device", "loudspeaker")));
  }
  /* Every alarm that a notice of many is about: the SMS names the worst few only. */
  function about() {
    const box = anlan.byId("order-alarms"), found = whole.alarms || [];
    anlan.show(box, found.length > 1);
    if (found.length < 2) return;
    const list = el("ol");
    found.forEach(function (one) {
      const name = one.title ? one.title[anlan.page.language] || one.title.zh : [anlan.nameOf(one), one.threshold_name ? anlan.limitName(one.threshold_name) : "", one.value !== null && one.property ? anlan.measure(one.value, one.property) : ""].filter(Boolean).join(" ");
      list.append(el("li", {}, el("span.pill." + (one.told || "none"), {}, one.told ? t("colour " + one.told) : t("severity")), " ", name, " ", el("span.muted.small", {}, t("state " + one.state))));
    });
    const whole_list = el("details", {}, el("summary", {}, t("{n} alarms of this notice", { n: found.length })), list);
    whole_list.open = found.length <= 12;
    box.replaceChildren(whole_list);
  }
  async function readAlarm(row) {
    if (!row.alarm || alarmRead === row.alarm) return;
    alarmRead = row.alarm;
    try { alarmEvents = (await anlan.api("GET", "/alarms/" + row.alarm)).events.map(function (event) { return Object.assign({ property: null }, event); }); timeline(row); } catch (error) { alarmEvents = []; }
  }

  /* A person whom nobody can call any more without an answer is "no answer", not "delivered". */
  function stateOf(row) {
    return row.recipient_kind === "person" && row.reason === "unanswered" && !row.answered_at && !row.acted_at ? "unanswered" : row.state;
  }
  function look(state) { return GOOD.includes(state) ? "state-good" : WAY.includes(state) ? "state-way" : BAD.includes(state) ? "state-bad" : "state-plain"; }

  function newsOf(row) {
    const list = [];
    if (row.acted_people !== null && row.acted_people !== undefined) list.push(anlan.when(row.acted_at, true) + " " + t("moved {n} people", { n: row.acted_people }));
    if (row.answer) list.push(t("answered {time}: {text}", { time: anlan.when(row.answered_at, true), text: row.answer }));
    if (!list.length && row.delivered_at) list.push(t("delivered {time}", { time: anlan.when(row.delivered_at, true) }));
    else if (!list.length && row.submitted_at) list.push(t("submitted {time}", { time: anlan.when(row.submitted_at, true) }));
    if (row.attempts > 1) list.push(t("called {n} times", { n: row.attempts }));
    if (row.due_at && !row.answered_at) list.push(t("next call {time}", { time: anlan.when(row.due_at, true) }));
    if (row.reason && row.reason !== "unanswered") list.push(anlan.texts["reason " + row.reason] || row.reason);
    if (row.recipient_kind === "device" && !row.reason) list.push(anlan.deviceTrouble(anlan.model.devices.get(row.recipient)));
    if (row.escalated_from) list.push(t("superior of another recipient"));
    if (row.recipient_kind === "device" && !row.verified && GOOD.includes(row.state)) list.push(t("unverified"));
    return list.filter(Boolean).join(" · ");
  }

  const KEEP = {
    all: function () { return true; },
    unanswered: function (row) { return row.recipient_kind === "person" && !row.answered_at && !row.acted_at; },
    failed: function (row) { return ["failed", "rejected", "expired", "withheld", "unknown", "waiting", "sending", "sent"].includes(row.state); },
    people: function (row) { return row.recipient_kind === "person"; },
    devices: function (row) { return row.recipient_kind === "device"; },
  };
  function urgency(row) {
    const state = stateOf(row);
    return row.recipient_kind === "device" ? (BAD.includes(state) ? 2 : 4) : BAD.includes(state) ? 0 : row.answered_at || row.acted_at ? 3 : 1;
  }
  let places = [];
  function deliveries() {
    const rows = anlan.list("deliveries");
    const known = new Set(places);
    rows.slice().sort(function (a, b) { return urgency(a) - urgency(b) || String(a.area_name).localeCompare(String(b.area_name)) || a.id - b.id; })
      .forEach(function (row) { if (!known.has(row.id)) places.push(row.id); });
    const at = new Map(places.map(function (id, i) { return [id, i]; }));
    return rows.filter(KEEP[only]).sort(function (a, b) { return at.get(a.id) - at.get(b.id); });
  }

  function paint() {
    if (!root || refused) return;
    const row = order();
    if (!row) return;
    head(row);
    counts(row);
    const waiting = WAITING.includes(row.state) && !anlan.model.deliveries.size;
    const rows = waiting ? planned.filter(KEEP[only]) : deliveries(), none = anlan.byId("delivery-none");
    anlan.show(none, !rows.length);
    put(none, anlan.model.deliveries.size ? t("no recipient fits") : t("not issued yet"));
    anlan.sync(anlan.byId("delivery-rows"), rows, function (one) { return one.id; },
      function () {
        return el("tr", {}, el("td", { "data-part": "place" }), el("td.strong", { "data-part": "name" }), el("td.muted", { "data-part": "post" }),
          el("td", {}, el("span", { "data-part": "state" })), el("td.muted.small", { "data-part": "news" }));
      },
      function (node, one) {
        const state = stateOf(one);
        anlan.fill(node, { place: anlan.areaName(one), name: anlan.nameOf(one), post: (one.post || t("channel " + one.channel)) + (one.channel === "sms2" ? " · " + t("channel sms2") : ""), state: t("delivery " + state), news: newsOf(one) });
        anlan.cls(anlan.part(node, "state"), look(state));
      });
    timeline(row);
    buttons(row);
    read(row);
    readAlarm(row);
  }

  function head(row) {
    const box = anlan.byId("order-head");
    const facts = [row.number, anlan.areaName(row), t("drafted by {name} {time}", { name: row.created_by, time: anlan.when(row.created_at, true) })];
    ((whole && whole.approvals) || []).filter(function (one) { return one.content_hash === whole.content_hash; }).forEach(function (one) {
      facts.push(t("act " + one.step) + " " + one.by_user + " " + anlan.when(one.at, true));
    });
    const alarm = row.alarm ? anlan.model.alarms.get(String(row.alarm)) : null;
    if (alarm) facts.push(t("from alarm {what}", { what: anlan.alarmTitle(alarm) }));
    facts.push(row.ended_at ? t("ended {time}", { time: anlan.when(row.ended_at) }) : t("valid until {time}", { time: anlan.when(row.ends_at) }));
    if (row.emergency && !row.countersigned_at) facts.push(t("emergency: countersignature due {time}", { time: anlan.when(row.countersign_due) }));
    anlan.fill(box, { pill: row.severity ? t("colour " + row.severity) : t("kind " + row.kind), state: t("order state " + row.state), title: row.title, facts: facts.filter(Boolean).join(" · ") });
    anlan.cls(anlan.part(box, "pill"), "pill " + (row.severity || ""));
  }

  function counts(row) {
    const people = anlan.list("deliveries").filter(KEEP.people), total = people.length || row.people || planned.filter(KEEP.people).length;
    const answered = people.filter(function (one) { return one.answered_at || one.acted_at; }).length;
    const arrived = people.filter(function (one) { return !one.answered_at && !one.acted_at && one.state === "delivered"; }).length;
    const missing = people.filter(function (one) { return !one.answered_at && !one.acted_at && one.state !== "delivered"; });
    const failed = missing.filter(function (one) { return ["failed", "withheld", "expired"].includes(one.state); }).length;
    const box = anlan.byId("order-counts");
    anlan.fill(box, {
      answered: answered, "answered-of": "/" + total, delivered: arrived, undelivered: missing.length,
    });
    anlan.part(box, "undelivered").classList.toggle("some", missing.length > 0);
    if (total) put(anlan.part(box, "answered-of"), "/" + total + " · " + Math.round(100 * answered / total) + " %");
    anlan.paintBar(anlan.byId("order-bar"), { answered: answered, delivered: arrived, going: missing.length - failed, failed: failed, total: total });
    const first = people.map(function (one) { return one.submitted_at; });
    const every = people.length > 0 && first.every(Boolean);
    anlan.fill(box, {
      round: every && row.issued_at ? anlan.timer((Math.max.apply(null, first.map(function (at) { return new Date(at).getTime(); })) - new Date(row.issued_at).getTime()) / 1000) : "—",
      since: row.issued_at ? anlan.timer(((row.ended_at ? new Date(row.ended_at).getTime() : anlan.now()) - new Date(row.issued_at).getTime()) / 1000) : "—",
      until: row.issued_at && !row.ended_at ? "/ " + t("valid until {time}", { time: anlan.when(row.ends_at) }) : "",
    });
  }

  function texts() {
    if (!whole) return;
    const found = [["sms", whole.text], ["led", whole.led_text], ["loudspeaker", whole.spoken_text]].filter(function (one) { return one[1]; });
    anlan.sync(anlan.byId("order-texts"), found, function (one) { return one[0]; },
      function (one) {
        const node = el("div", {}, el("h3", {}, el("span", {}, t("text for " + one[0])), el("span", { "data-part": "tool" })), el("p", { "data-part": "text" }));
        if (one[0] === "loudspeaker" && whole.audio_url) anlan.part(node, "tool").append(anlan.listenButton(function () { return whole.audio_url; }));
        return node;
      },
      function (node, one) { anlan.fill(node, { text: one[1] }); });
  }

  /* observation → alarm → decision → order → delivered → answered → acted: one line each */
  function lines(row) {
    const list = [];
    const measured = row.alarm ? anlan.model.alarms.get(String(row.alarm)) : null;
    alarmEvents.forEach(function (event) {
      const what = event.value !== null ? anlan.measure(event.value, measured ? measured.property : null) : "";
      if (event.observed_at && ["raised", "worsened"].includes(event.kind)) list.push({ key: "o" + event.at, at: event.observed_at, text: t("timeline observed", { what: [measured ? anlan.subjectName(measured) : "", what].filter(Boolean).join(" ") }), mark: "" });
      list.push({ key: "a" + event.at + event.kind, at: event.at, text: t("timeline alarm", { what: [(anlan.texts["event " + event.kind] || event.kind), event.severity ? t("colour " + event.severity) : "", anlan.actor(event.actor)].filter(Boolean).join(" · ") }), mark: "mark" });
    });
    const names = new Map(anlan.list("deliveries").map(function (one) { return [one.id, anlan.nameOf(one)]; }));
    anlan.list("events").forEach(function (event) {
      const said = event.detail || {};
      const about = event.delivery ? names.get(event.delivery) : "";
      const actor = event.actor !== about ? anlan.actor(event.actor) : "";
      const parts = [
        (anlan.texts["order event " + event.kind] || event.kind), about, actor, said.text ? t("quote {text}", { text: said.text }) : "",
        said.people !== undefined && said.people !== null ? t("moved {n} people", { n: said.people }) : "",
        typeof said.persons === "number" ? t("{n} persons", { n: said.persons }) : "",
        said.screens ? t("{n} LED screens", { n: said.screens }) : "", said.loudspeakers ? t("{n} loudspeakers", { n: said.loudspeakers }) : "",
        said.reason ? anlan.texts["reason " + said.reason] || said.reason : "",
      ];
      list.push({ key: "e" + event.id, at: event.at, text: parts.filter(Boolean).join(" · "), mark: ["answered", "acted", "device_showing", "device_playing", "device_done"].includes(event.kind) ? "good" : ["issued", "emergency", "ended", "withdrawn"].includes(event.kind) ? "mark" : "" });
    });
    return list.sort(function (a, b) { return String(new Date(a.at).toISOString()).localeCompare(new Date(b.at).toISOString()); });
  }
  function timeline(row) {
    const list = anlan.byId("timeline"), box = list.parentNode, atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    anlan.sync(list, lines(row), function (line) { return line.key; },
      function () { return el("li", {}, el("time", { "data-part": "at" }), " ", el("span", { "data-part": "text" })); },
      function (node, line) { anlan.cls(node, line.mark); anlan.fill(node, { at: anlan.when(line.at, true), text: line.text }); });
    if (atEnd) box.scrollTop = box.scrollHeight;
  }

  /* acts: each says first what will happen */
  function reach() { return whole ? anlan.reach(whole) : ""; }
  const WAITING = ["draft", "checked"];
  const ACTS = [
    { name: "check", may: "check_order", when: function (row) { return WAITING.includes(row.state) && waits("check"); }, body: signed, grave: false, note: true },
    { name: "issue", may: "issue_order", when: function (row) { return WAITING.includes(row.state) && !waits("check"); }, body: signed, grave: true, note: true },
    { name: "emergency", may: "emergency_order", when: function (row) { return WAITING.includes(row.state) && !(anlan.mayDo("issue_order") && !waits("check")); }, body: function (said) { return { reason: said.reason, content_hash: whole.content_hash }; }, grave: true, reason: true },
    { name: "countersign", may: "issue_order", when: function (row) { return row.emergency && !row.countersigned_at && row.state !== "draft"; }, body: function (said) { return { note: said.note }; }, note: true },
    { name: "call-again", may: "draft_order", when: function (row) { return row.state === "issued" && anlan.list("deliveries").some(KEEP.unanswered); }, body: function () { return {}; } },
    { name: "edit", may: "draft_order", when: function (row) { return WAITING.includes(row.state); }, go: true },
    { name: "correct", may: "draft_order", when: function (row) { return row.state === "issued" && row.kind !== "notice"; }, go: true },
    { name: "withdraw", may: "end_order", when: function (row) { return row.state === "issued"; }, body: reasoned, reason: true, grave: true },
    { name: "end", may: "end_order", when: function (row) { return row.state === "issued"; }, body: reasoned, reason: true, grave: true },
    { name: "cancel", may: "draft_order", when: function (row) { return WAITING.includes(row.state); }, body: reasoned, reason: true },
  ];
  function signed(said) { return { content_hash: whole.content_hash, note: said.note }; }
  function reasoned(said) { return { reason: said.reason }; }
  function waits(step) { return Boolean(whole) && whole.missing.some(function (one) { return one.name === step; }); }

  function buttons(row) {
    ACTS.forEach(function (act) {
      const button = anlan.byId("act-" + act.name), shown = anlan.mayDo(act.may) && act.when(row) && (act.go || act.body !== signed || Boolean(whole));
      anlan.show(button, shown);
      anlan.cls(button, act.name === "issue" || act.name === "check" ? "act" : "");
    });
  }

  async function run(act) {
    const row = order();
    if (!row) return;
    if (act.go) { window.location.assign(anlan.link("/orders/new?" + act.name + "=" + row.id)); return; }
    const silent = anlan.list("deliveries").filter(KEEP.unanswered).length;
    const answer = await anlan.ask({
      title: t("will " + act.name + " {number}", { number: row.number }) + " · " + row.title, what: t("says " + act.name, { what: reach(), n: silent }),
      fields: act.reason ? [{ name: "reason", label: t("reason"), needed: true }] : act.note ? [{ name: "note", label: t("note") }] : [],
      act: t("act " + act.name), grave: act.grave,
    });
    if (!answer) return;
    const button = anlan.byId("act-" + act.name);
    button.disabled = true;
    try {
      await anlan.api("POST", path("/" + (PATHS[act.name] || act.name)), act.body(answer));
      anlan.notice(t("done " + act.name));
      wholeStamp = "";
      read(row);
    } catch (error) { anlan.notice(error.message, true); } finally { button.disabled = false; }
  }
  const PATHS = { "call-again": "call" };

  anlan.onChange(function () { paint(); });
  anlan.onTick(function () { const row = root && !refused ? order() : null; if (row) { counts(row); } });
})(window.anlan);
