/* The quarantine: one line for each sender and reason, its entries beside it, read again or given up in two steps. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, STEP = 100;
  let state = "open", reason = "", format = null, topic = null, found = null, fault = "", limit = STEP, chosen = null, ask = null, advice = {};
  let entries = [], next = null, requests = [];

  anlan.pageScript("quarantine", function (root) {
    found = null; chosen = null; limit = STEP;
    advice = JSON.parse(root.querySelector("[data-advice]").dataset.advice);
    anlan.choice(anlan.byId("quarantine-states"), "state", function (value) { state = value; choose(null); renew(); });
    const reasons = anlan.byId("quarantine-reason"), formats = anlan.byId("quarantine-format");
    reasons.addEventListener("change", function () { reason = reasons.value; renew(); });
    formats.addEventListener("change", function () { format = formats.value === "*" ? null : formats.value; renew(); });
    topic = anlan.searchBox("quarantine-topic", renew);
    anlan.byId("group-more").addEventListener("click", function () { limit += STEP; ask(); });
    anlan.byId("entry-more").addEventListener("click", older);
    anlan.byId("entries-retry").addEventListener("click", retry);
    anlan.byId("entries-close").addEventListener("click", close);
    anlan.byId("quarantine-retry").addEventListener("click", retryAll);
    ask = anlan.every(function () { return requests.some(function (one) { return !one.done_at; }) ? 2 : 10; }, fetchAll);
    ask();
  });

  function renew() { limit = STEP; found = null; paint(); ask(); }

  function named() {
    let text = topic ? topic.value.trim() : "";
    if (text && !text.includes("*")) text = "*" + text + "*";
    return text;
  }
  function query() {
    const text = named();
    return "state=" + state + (reason ? "&reason=" + encodeURIComponent(reason) : "") + (format !== null ? "&format=" + encodeURIComponent(format) : "") + (text ? "&topic=" + encodeURIComponent(text) : "");
  }

  async function fetchAll() {
    const of = query();
    try {
      const answers = await Promise.all([anlan.api("GET", anlan.link("/quarantine/groups?" + of + "&limit=" + limit)), anlan.api("GET", anlan.link("/quarantine/requests"))]);
      if (of !== query()) return;
      found = answers[0]; requests = answers[1]; fault = "";
      if (chosen) await fetchEntries(false);
    } catch (error) { fault = error.message; }
    paint();
  }

  function keyOf(group) { return JSON.stringify([group.topic, group.reason, group.format]); }
  function same(group) { return chosen && keyOf(group) === keyOf(chosen); }
  function ofGroup() { return "state=" + state + "&reason=" + encodeURIComponent(chosen.reason) + "&exact_topic=" + encodeURIComponent(chosen.topic) + "&format=" + encodeURIComponent(chosen.format || ""); }

  async function fetchEntries(more) {
    const of = keyOf(chosen);
    const page = await anlan.api("GET", anlan.link("/quarantine?" + ofGroup() + "&limit=20" + (more ? "&before=" + next : "")));
    if (!chosen || of !== keyOf(chosen)) return;
    const known = new Set(entries.map(function (one) { return one.id; })), fresh = page.items.filter(function (one) { return !known.has(one.id); });
    if (more) { entries = entries.concat(fresh); next = page.next; }
    else if (!entries.length || fresh.length === page.items.length) { entries = page.items; next = page.next; }
    else {
      const last = page.items[page.items.length - 1].id, still = new Set(page.items.map(function (one) { return one.id; }));
      entries = fresh.concat(entries.filter(function (one) { return one.id < last || still.has(one.id); }));
    }
  }
  async function older() {
    try { await fetchEntries(true); } catch (error) { anlan.notice(error.message, true); }
    paintEntries();
  }

  async function choose(group) {
    chosen = group; entries = []; next = null;
    paint();
    if (!group) return;
    try { await fetchEntries(false); } catch (error) { anlan.notice(error.message, true); }
    paintEntries();
  }

  function options(select, values, all, say) {
    const key = values.join("\n"), before = select.value;
    if (select.anlanKey === key) return;
    select.anlanKey = key;
    select.replaceChildren(el("option", { value: all[0] }, all[1]));
    values.forEach(function (value) { select.append(el("option", { value: value }, say(value))); });
    select.value = before && values.includes(before) ? before : all[0];
  }

  function paint() {
    const rows = anlan.byId("group-rows");
    if (!rows) return;
    const none = anlan.byId("group-none"), list = found ? found.items : [];
    anlan.show(none, !list.length);
    const text = fault && !found ? [fault, t("asked again by itself")] : !found ? [t("loading"), ""] : state === "open" && !reason && format === null && !named() ? [t("nothing in quarantine"), t("nothing in quarantine hint")] : [t("nothing fits"), t("no station fits hint")];
    if (!list.length && none.anlanText !== text.join()) { none.anlanText = text.join(); none.replaceChildren(el("strong", {}, text[0]), text[1]); }
    if (found) {
      options(anlan.byId("quarantine-reason"), found.reasons, ["", t("all reasons")], function (value) { return anlan.faultText(value); });
      options(anlan.byId("quarantine-format"), found.formats, ["*", t("all formats")], function (value) { return value || t("no format"); });
      put(anlan.byId("quarantine-found"), fault ? t("not renewed: {fault}", { fault: fault }) : t("{n} messages in {m} lines", { n: found.entries, m: found.groups }));
    }
    anlan.show(anlan.byId("quarantine-retry"), state === "open" && list.length > 0 && Boolean(reason || format !== null || named()) && anlan.mayDo("tend_quarantine"));
    anlan.show(anlan.byId("group-more"), Boolean(found) && found.groups > list.length);
    anlan.sync(rows, list, keyOf, function (group) {
      const node = el("tr.link", {}, el("td", {}, el("button.link.strong", { type: "button", "data-part": "reason" })), el("td.break", { "data-part": "topic" }), el("td", { "data-part": "format" }),
        el("td.number.strong", { "data-part": "count" }), el("td.muted", { "data-part": "first" }), el("td", { "data-part": "last" }), el("td.number.muted", { "data-part": "size" }));
      node.addEventListener("click", function () { choose(node.anlanGroup); });
      return node;
    }, function (node, group) {
      node.anlanGroup = group;
      anlan.fill(node, { reason: anlan.faultText(group.reason), topic: group.topic.length > 120 ? group.topic.slice(0, 119) + "…" : group.topic, format: group.format || "—", count: group.count, first: anlan.when(group.first_at), last: anlan.age(group.last_at), size: anlan.bytes(group.size) });
      node.classList.toggle("current", Boolean(same(group)));
      if (same(group)) chosen = group;
    });
    paintRequests();
    paintEntries();
  }

  function paintRequests() {
    const recent = requests.filter(function (one) { return !one.done_at || anlan.secondsSince(one.done_at) < 3600; }).slice(0, 3);
    anlan.sync(anlan.byId("retry-requests"), recent, function (one) { return one.id; },
      function () { return el("li", {}, el("span", { "data-part": "what" }), el("div.bar", {}, el("i.answered"))); },
      function (node, one) {
        const done = one.resolved + one.remaining, waits = !one.done_at && !done && anlan.secondsSince(one.asked_at) > 20;
        put(anlan.part(node, "what"), (one.wanted.reason ? anlan.faultText(one.wanted.reason) + " · " : "") + (one.fault || t(one.done_at ? "retry done: {resolved} resolved, {remaining} remain, {readings} readings" : waits ? "retry waits for derive" : "retrying {done} of {total}, {resolved} resolved", { done: done, total: one.total, resolved: one.resolved, remaining: one.remaining, readings: one.readings })) + " · " + one.asked_by);
        const bar = node.querySelector("i");
        bar.style.width = (one.done_at ? 100 : one.total ? Math.min(100, 100 * done / one.total) : 0) + "%";
      });
  }

  function paintEntries() {
    const box = anlan.byId("entries");
    if (!box) return;
    anlan.show(box, Boolean(chosen));
    anlan.show(anlan.byId("entries-none"), !chosen);
    if (!chosen) return;
    put(anlan.byId("entries-title"), anlan.faultText(chosen.reason) + " · " + t("{n} messages", { n: chosen.count }));
    put(anlan.byId("entries-topic"), chosen.topic);
    put(anlan.byId("entries-advice"), t("advice " + (advice[chosen.reason] || "sender")));
    anlan.show(anlan.byId("entries-acts"), state === "open" && anlan.mayDo("tend_quarantine"));
    anlan.show(anlan.byId("entry-more"), Boolean(next));
    anlan.messages(anlan.byId("entry-rows"), entries, function (node, row) {
      const ended = row.resolved_at ? t("resolved {time}", { time: anlan.when(row.resolved_at) }) : row.closed_at ? t("given up by {name}: {why}", { name: row.closed_by, why: row.closed_reason }) : row.retried_at ? t("retried {time} in vain", { time: anlan.when(row.retried_at) }) : "";
      anlan.fill(node, { when: anlan.when(row.received_at, true), what: ended, size: anlan.bytes(row.size), head: row.detail });
    }, function (row) { return anlan.api("GET", "/quarantine/" + row.id); }, (anlan.page.acts || []).includes("read_raw"));
  }

  function wanted() {
    const body = { reason: chosen.reason, exact_topic: chosen.topic, format: chosen.format || "" };
    if (anlan.page.exercise) body.exercise = anlan.page.exercise;
    return body;
  }
  async function retry() {
    const group = chosen;
    const sure = await anlan.ask({ title: t("retry these"), what: t("will retry {n} {topic}", { n: group.count, topic: group.topic.slice(0, 200) }), act: t("retry these") });
    if (!sure || chosen !== group) return;
    try { await anlan.api("POST", "/quarantine/retry", wanted()); anlan.notice(t("retry begun")); } catch (error) { anlan.notice(error.message, true); }
    ask();
  }
  async function retryAll() {
    const body = {};
    if (reason) body.reason = reason;
    if (format !== null) body.format = format;
    if (named()) body.topic = named();
    if (anlan.page.exercise) body.exercise = anlan.page.exercise;
    const sure = await anlan.ask({ title: t("retry all listed"), what: t("will retry all {n} {m}", { n: found.entries, m: found.groups }), act: t("retry all listed") });
    if (!sure) return;
    try { await anlan.api("POST", "/quarantine/retry", body); anlan.notice(t("retry begun")); } catch (error) { anlan.notice(error.message, true); }
    ask();
  }
  async function close() {
    const group = chosen;
    const told = await anlan.ask({ title: t("close without storing"), what: t("will close {n} {topic}", { n: group.count, topic: group.topic.slice(0, 200) }), act: t("close without storing"), grave: true, fields: [{ name: "why", label: t("reason for closing"), needed: true }] });
    if (!told) return;
    try {
      const done = await anlan.api("POST", "/quarantine/close", Object.assign(wanted(), { why: told.why, upto: group.newest }));
      anlan.notice(t("{n} messages given up", { n: done.closed }));
      if (chosen === group) choose(null);
    } catch (error) { anlan.notice(error.message, true); }
    ask();
  }
})(window.anlan);
