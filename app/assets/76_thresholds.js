/* Limits: every station with what it has and lacks; one station's limits, changed with reason, history and back-test. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId, SHAPE = { red: "■", orange: "◆", yellow: "▲", blue: "●" };
  let found = null, fault = "", state = "all", search = null, chosen = null, ask = null, busy = false, rulesOf = null;

  anlan.pageScript("thresholds", function () {
    found = null; rulesOf = null; busy = false;
    chosen = new URLSearchParams(window.location.search).get("station");
    anlan.choice(byId("threshold-states"), "state", function (value) { state = value; paint(); });
    search = anlan.searchBox("threshold-search", paint);
    byId("threshold-new").addEventListener("click", function () { edit(null, null); });
    ask = anlan.every(function () { return 30; }, fetchAll);
    ask();
  });

  async function fetchAll() {
    try {
      if (!rulesOf) rulesOf = await anlan.api("GET", "/rules");
      found = await anlan.api("GET", "/thresholds"); fault = "";
    } catch (error) { fault = error.message; }
    paint();
  }
  function stationOf(code) { return found ? found.find(function (one) { return one.station === code; }) : null; }
  function titleOf(one) { return (anlan.page.language === "en" && one.name_en) || one.name; }
  function fits(one) {
    const text = search ? search.value.trim().toLowerCase() : "";
    return (state === "all" || one.state === state) && (!text || [one.name, one.name_en, one.station, one.river].some(function (part) { return (part || "").toLowerCase().includes(text); }));
  }

  function paint() {
    const rows = byId("threshold-rows");
    if (!rows) return;
    const list = (found || []).filter(fits), none = byId("threshold-none");
    document.querySelectorAll("#threshold-states [data-count]").forEach(function (node) {
      const of = node.dataset.count;
      put(node, found ? found.filter(function (one) { return of === "all" || one.state === of; }).length : "");
    });
    put(byId("threshold-found"), fault ? t("not renewed: {fault}", { fault: fault }) : found ? t("{n} of {m} stations without all limits", { n: found.filter(function (one) { return !["complete", "own", "not_needed"].includes(one.state); }).length, m: found.length }) : "");
    anlan.show(none, !list.length);
    if (!list.length) none.replaceChildren(el("strong", {}, fault && !found ? fault : found ? t("no station fits") : t("loading")), found ? t("no station fits hint") : "");
    anlan.sync(rows, list, function (one) { return one.station; }, function () {
      const node = el("tr.link", {}, el("td", {}, el("span.pill", { "data-part": "state" })), el("td", {}, el("button.link.strong", { type: "button", "data-part": "name" }), el("div.muted.small", { "data-part": "code" })),
        el("td.muted", { "data-part": "kind" }), el("td", {}, el("div.limit-chips", { "data-part": "limits" })), el("td.muted.small", { "data-part": "changed" }));
      node.addEventListener("click", function () { choose(node.anlanCode); });
      return node;
    }, function (node, one) {
      node.anlanCode = one.station;
      node.classList.toggle("current", one.station === chosen);
      anlan.cls(anlan.part(node, "state"), "pill limits-" + one.state);
      const last = one.limits.slice().sort(function (a, b) { return b.set_at.localeCompare(a.set_at); })[0];
      anlan.fill(node, { state: t("limits " + one.state), name: titleOf(one), code: one.station + (one.river ? " · " + one.river : ""), kind: t("kind of station " + one.kind), changed: last ? anlan.date(last.set_at) + " " + last.set_by : "" });
      chips(anlan.part(node, "limits"), one);
    });
    if (chosen && found) paintStation();
    anlan.show(byId("threshold-empty"), !chosen || !stationOf(chosen));
    anlan.show(byId("threshold-detail"), Boolean(chosen && stationOf(chosen)));
  }

  function chips(box, one) {
    const doubted = new Set(one.doubts.map(function (each) { return each.limit + (each.season_from || ""); }));
    const items = one.limits.map(function (each) { return { key: each.id, text: anlan.limitName(each.name) + (each.season_from ? " " + season(each) : "") + " " + anlan.number(each.value, 2), cls: "limit-chip " + each.severity + (doubted.has(each.name + (each.season_from || "")) ? " doubtful" : "") }; })
      .concat(one.missing.map(function (each) { return { key: "-" + each.name, text: anlan.limitName(each.name) + " " + t("unset"), cls: "limit-chip missing" }; }))
      .concat(one.rules.map(function (code) { return { key: "r" + code, text: anlan.ruleName(code) + " " + t("unset"), cls: "limit-chip missing" }; }));
    anlan.sync(box, items, function (item) { return item.key; }, function () { return el("span"); }, function (node, item) { anlan.cls(node, item.cls); put(node, item.text); });
  }
  function season(limit) { return limit.season_from ? limit.season_from.slice(0, 2) + "-" + limit.season_from.slice(2) + "…" + limit.season_to.slice(0, 2) + "-" + limit.season_to.slice(2) : ""; }
  anlan.ruleName = function (code) { return anlan.texts["rule " + code] || code; };

  async function choose(code) {
    if (chosen !== code) { byId("threshold-backtest").replaceChildren(); byId("threshold-history").replaceChildren(); byId("threshold-history").anlanNodes = null; }
    chosen = code;
    paint();
    history();
  }

  /* one station */
  function paintStation() {
    const one = stationOf(chosen);
    if (!one) return;
    put(byId("threshold-title"), titleOf(one));
    put(byId("threshold-facts"), [one.station, t("kind of station " + one.kind), one.river, one.datum ? anlan.datum(one.datum) : t("no datum"), one.out_of_service ? t("out of service") : ""].filter(Boolean).join(" · "));
    byId("threshold-hydrograph").href = anlan.link("/stations/" + encodeURIComponent(one.station));
    anlan.show(byId("threshold-new"), anlan.mayDo("set_limit"));
    anlan.sync(byId("threshold-doubts"), one.state === "unset" ? [{ unset: true }] : one.doubts, function (each) { return each.unset ? "unset" : each.limit + each.doubt + each.other + each.season_from; },
      function () { return el("li"); },
      function (node, each) { put(node, each.unset ? t("without limits no alarm is possible") : t("doubt " + each.doubt, { limit: anlan.limitName(each.limit), other: each.other ? anlan.limitName(each.other) : "" })); });
    const rows = one.limits.map(function (each) { return { key: "l" + each.id, limit: each }; })
      .concat(one.missing.map(function (each) { return { key: "m" + each.name, missing: each }; }))
      .concat(one.rules.map(function (code) { return { key: "r" + code, rule: code }; }));
    anlan.sync(byId("limit-rows"), rows, function (row) { return row.key; }, makeRow, fillRow);
    const backtest = byId("threshold-backtest");
    if (!backtest.children.length) offerBacktest(backtest, one);
    if (!byId("threshold-history").children.length) history();
  }
  function makeRow() {
    const node = el("article.limit", {},
      el("div.limit-head", {}, el("span.pill", { "data-part": "colour" }), el("b", { "data-part": "name" }), el("span.limit-value", { "data-part": "value" }), el("span.space"),
        el("button.small", { type: "button", "data-part": "edit" }), el("button.small", { type: "button", "data-part": "remove" })),
      el("div.muted.small", { "data-part": "how" }), el("div.muted.small", { "data-part": "who" }));
    anlan.part(node, "edit").addEventListener("click", function () {
      const row = node.anlanRow, rule = row.rule && (rulesOf || []).find(function (each) { return each.code === row.rule; });
      edit(row.limit || null, row.missing || null, rule ? rule.terms.limits || rule.property : null);
    });
    anlan.part(node, "remove").addEventListener("click", function () { remove(node.anlanRow.limit); });
    return node;
  }
  function fillRow(node, row) {
    node.anlanRow = row;
    const may = anlan.mayDo("set_limit"), limit = row.limit;
    anlan.cls(node, "limit" + (limit ? "" : " missing"));
    anlan.show(anlan.part(node, "edit"), may);
    anlan.show(anlan.part(node, "remove"), may && Boolean(limit));
    if (!limit) {
      const severity = row.missing && row.missing.severity;
      anlan.cls(anlan.part(node, "colour"), "pill plain");
      anlan.fill(node, { colour: severity ? SHAPE[severity] + " " + t("colour " + severity) : "?", name: row.rule ? anlan.ruleName(row.rule) : anlan.limitName(row.missing.name), value: t("unset"), how: row.rule ? t("this rule has no limit at this station") : t("this limit should be set for this kind of station"), who: "", edit: t("set"), remove: "" });
      return;
    }
    anlan.cls(anlan.part(node, "colour"), "pill " + limit.severity);
    anlan.fill(node, {
      colour: SHAPE[limit.severity] + " " + t("colour " + limit.severity), name: anlan.limitName(limit.name), value: anlan.measure(limit.value, limit.property),
      how: [limit.datum ? anlan.datum(limit.datum) : "", limit.season_from ? t("in force {from} to {to}", { from: season(limit).split("…")[0], to: season(limit).split("…")[1] }) : t("all the year"), limit.period_s ? t("window {span}", { span: anlan.duration(limit.period_s) }) : "",
        t("deadband {value}", { value: anlan.measure(limit.deadband, limit.property) }), t("on-delay {value}", { value: delay(limit.on_delay_s) }), t("off-delay {value}", { value: delay(limit.off_delay_s) })].filter(Boolean).join(" · "),
      who: [t("source: {source}", { source: limit.source }), t("version {n}", { n: limit.version }), t("set {time} by {name}", { time: anlan.when(limit.set_at), name: limit.set_by }), limit.second_person ? t("allowed by {name}", { name: limit.second_person }) : ""].filter(Boolean).join(" · "),
      edit: t("change"), remove: t("remove"),
    });
  }
  function delay(seconds) { return seconds === null ? t("by severity") : anlan.duration(seconds); }

  async function history() {
    const code = chosen;
    try {
      const all = await anlan.api("GET", "/thresholds/history?station=" + encodeURIComponent(code));
      if (code !== chosen) return;
      anlan.sync(byId("threshold-history"), all, function (one) { return one.id; },
        function () { return el("li", {}, el("time", { "data-part": "when" }), el("span", { "data-part": "what" }), el("div.muted.small", { "data-part": "why" })); },
        function (node, one) {
          anlan.cls(node, one.replaced_at ? "" : "mark");
          anlan.fill(node, {
            when: anlan.when(one.set_at), what: " " + anlan.limitName(one.name) + " " + anlan.measure(one.value, one.property) + (one.season_from ? " (" + season(one) + ")" : "") + " · " + t("version {n}", { n: one.version }) + " · " + one.set_by + (one.second_person ? " + " + one.second_person : ""),
            why: [one.reason, one.source, one.replaced_at ? t("replaced {time} by {name}", { time: anlan.when(one.replaced_at), name: one.replaced_by || "—" }) + (one.replaced_reason ? ": " + one.replaced_reason : "") : ""].filter(Boolean).join(" · "),
          });
        });
    } catch (error) { anlan.notice(error.message, true); }
  }

  /* changes */
  function keyOf(limit) { return { station: limit.station, property: limit.property, name: limit.name, season_from: limit.season_from, period_s: limit.period_s }; }
  function severities(first) { return ["red", "orange", "yellow", "blue"].map(function (one) { return { value: one, label: t("colour " + one) }; }); }

  async function edit(limit, missing, compared) {
    if (busy) return;
    const one = stationOf(chosen), property = limit ? limit.property : missing ? missing.property : compared || (one.kind === "TT" ? "tide_level" : "water_level");
    const named = limit || missing;
    const answer = await anlan.ask({
      title: (limit ? t("change") : t("set")) + " · " + titleOf(one) + (named ? " · " + anlan.limitName(named.name) : ""),
      what: limit ? t("lowering holds at once; what relaxes needs a second person") : t("a limit set for the first time holds at once"),
      fields: (named ? [] : [{ name: "limit", label: t("name of the limit"), kind: "line", needed: true, fault: t("a name is needed") }]).concat([
        { name: "value", label: t("value in {unit}", { unit: anlan.unit(property) }) + (one.datum ? " · " + anlan.datum(one.datum) : ""), kind: "number", needed: true, value: limit ? limit.value : undefined, fault: t("a value is needed") },
        { name: "severity", label: t("severity"), kind: "select", options: severities(), value: limit ? limit.severity : (missing && missing.severity) || "yellow" },
        { name: "deadband", label: t("deadband in {unit}", { unit: anlan.unit(property) }), kind: "number", value: limit ? limit.deadband : 0.05 },
        { name: "season", label: t("season as 0415-1015, empty is all the year"), kind: "line", value: limit && limit.season_from ? limit.season_from + "-" + limit.season_to : "" },
        { name: "on_delay", label: t("on-delay in s, empty is by severity"), kind: "number", value: limit && limit.on_delay_s !== null ? limit.on_delay_s : "" },
        { name: "off_delay", label: t("off-delay in s, empty is by severity"), kind: "number", value: limit && limit.off_delay_s !== null ? limit.off_delay_s : "" },
        { name: "source", label: t("source of the limit"), kind: "line", needed: true, value: limit ? limit.source : "", fault: t("a source is needed") },
        { name: "reason", label: t("reason"), needed: true },
      ]),
      act: t("look and set"), two: true,
    });
    if (!answer) return;
    const days = answer.season ? answer.season.split("-").map(function (day) { return day.trim(); }) : [null, null];
    const made = {
      station: one.station, property: property, name: named ? named.name : answer.limit, value: Number(answer.value), severity: answer.severity,
      deadband: answer.deadband === "" ? 0.05 : Number(answer.deadband), datum: anlan.isLevel({ property: property }) ? one.datum : null, season_from: days[0] || null, season_to: days[1] === undefined ? "" : days[1] || null,
      period_s: limit ? limit.period_s : 0, on_delay_s: answer.on_delay === "" ? null : Math.round(Number(answer.on_delay)), off_delay_s: answer.off_delay === "" ? null : Math.round(Number(answer.off_delay)), source: answer.source,
    };
    await send(one, limit, made, answer.reason);
  }
  async function remove(limit) {
    if (busy) return;
    const answer = await anlan.ask({ title: t("remove") + " · " + titleOf(stationOf(chosen)) + " · " + anlan.limitName(limit.name), what: t("removing needs a second person"), fields: [{ name: "reason", label: t("reason"), needed: true }], act: t("look and propose"), grave: true });
    if (answer) await send(stationOf(chosen), limit, null, answer.reason);
  }

  async function send(one, old, made, reason) {
    busy = true;
    const body = { old: old ? keyOf(old) : null, new: made, seen: old ? old.id : null, reason: reason };
    try {
      const looked = await anlan.api("POST", "/thresholds/preview", body);
      if (looked.doubts.length) {
        const said = looked.doubts.map(function (each) { return t("doubt " + each.doubt, { limit: anlan.limitName(each.limit), other: each.other ? anlan.limitName(each.other) : "" }); }).join("\n");
        if (!(await anlan.ask({ title: t("this looks wrong"), what: said, act: t("set it all the same"), grave: true }))) return;
      }
      if (looked.relaxes.length) await propose(one, old, made, body, looked.relaxes);
      else { await anlan.api("POST", "/thresholds", body); anlan.notice(t("the limit is set and holds")); }
    } catch (error) { anlan.notice(error.message, true); } finally { busy = false; ask(); history(); }
  }

  /* What relaxes a limit is tested over the last year first; then it is proposed with what it would have silenced. */
  async function propose(one, old, made, body, relaxes) {
    const rule = ruleFor(one, old.property);
    if (!rule) { anlan.notice(t("no rule compares with this limit"), true); return; }
    const box = el("div.backtest"), go = el("button.act", { type: "button", disabled: true, id: "propose-go" }, t("propose to a second person")), fault = el("div.fault", { hidden: true, role: "alert" });
    const dialog = el("dialog.wide", { "aria-labelledby": "propose-title" }, el("h2", { id: "propose-title" }, t("what the change would have silenced") + " · " + titleOf(one) + " · " + anlan.limitName(old.name)),
      el("div.what", {}, relaxes.map(function (how) { return t("relaxes " + how); }).join("、") + ": " + anlan.measure(old.value, old.property) + " → " + (made ? anlan.measure(made.value, made.property) : t("none"))), box, fault,
      el("div.buttons", {}, el("button", { type: "button", id: "propose-cancel" }, t("cancel")), go));
    let cancel = null, open = true;
    document.body.append(dialog);
    dialog.showModal();
    const closed = new Promise(function (done) {
      function close() { if (!open) return; open = false; if (cancel) cancel(); dialog.close(); dialog.remove(); done(); }
      dialog.querySelector("#propose-cancel").addEventListener("click", close);
      dialog.addEventListener("cancel", function (event) { event.preventDefault(); close(); });
      go.addEventListener("click", async function () {
        go.disabled = true;
        try {
          const answer = await anlan.api("POST", "/thresholds", Object.assign({}, body, { backtest: Number(go.dataset.backtest) }));
          anlan.notice(t("request {n} waits for a second person", { n: answer.request }));
          close();
        } catch (error) { put(fault, error.message); fault.hidden = false; go.disabled = false; }
      });
    });
    const limits = [];
    if (!made || made.season_from !== old.season_from) limits.push({ name: old.name, value: null, season_from: old.season_from, period_s: old.period_s });
    if (made) limits.push({ name: made.name, value: made.value, season_from: made.season_from, season_to: made.season_to, period_s: made.period_s, severity: made.severity, deadband: made.deadband, on_delay_s: made.on_delay_s, off_delay_s: made.off_delay_s, default_delays: true });
    const tell = anlan.backtestProgress(box);
    try {
      const done = await anlan.runBacktest(lastYear(rule.code, [one.station], limits), function (found, way) { if (way) cancel = way; tell(found, way); });
      if (done && open) { cancel = null; anlan.drawBacktest(box, done.result); go.dataset.backtest = done.id; go.disabled = false; go.focus(); }
    } catch (error) { put(fault, error.message); fault.hidden = false; }
    await closed;
  }
  function ruleFor(one, property) {
    return rulesAt(one).find(function (rule) { return (rule.terms.limits || rule.property) === property; });
  }
  function rulesAt(one) {
    const kinds = ["level", "rate", "rain"];
    return (rulesOf || []).filter(function (rule) { return rule.active && kinds.includes(rule.kind) && rule.kinds.includes(one.kind); })
      .sort(function (a, b) { return kinds.indexOf(a.kind) - kinds.indexOf(b.kind); });
  }
  function lastYear(rule, stations, limits) {
    const now = anlan.now();
    return { rule: rule, stations: stations, limits: limits, from: new Date(now - 365 * 86400000).toISOString(), to: new Date(now).toISOString() };
  }
  anlan.lastYear = lastYear;

  function offerBacktest(box, one) {
    const rules = rulesAt(one), select = el("select", { id: "backtest-rule", "aria-label": t("rule") });
    rules.forEach(function (rule) { select.append(el("option", { value: rule.code }, anlan.ruleName(rule.code))); });
    if (!rules.length || !(anlan.mayDo("shelve") || anlan.mayDo("set_limit"))) { box.replaceChildren(el("p.muted", {}, rules.length ? t("a duty officer may ask for this") : t("no rule compares with limits here"))); return; }
    const code = one.station, run = el("button", { type: "button", id: "backtest-run" }, t("test over the last year"));
    run.addEventListener("click", async function () {
      const tell = anlan.backtestProgress(box);
      try {
        const done = await anlan.runBacktest(lastYear(select.value, [code], []), tell);
        if (chosen !== code) return;
        if (!done) { offerBacktest(box, one); return; }
        anlan.drawBacktest(box, done.result);
        const again = el("button.link", { type: "button" }, t("test another rule"));
        again.addEventListener("click", function () { offerBacktest(box, one); });
        box.prepend(el("div", {}, el("b", {}, anlan.ruleName(done.result.rule)), " ", again));
      } catch (error) { anlan.notice(error.message, true); offerBacktest(box, one); }
    });
    box.replaceChildren(el("p.muted", {}, t("back-test explained")), el("div.acts.start", {}, select, run));
  }
})(window.anlan);
