/* Rules: the list, one rule's alarm card and terms to edit, its versions, and what it would have done. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId, LANGUAGES = ["zh", "en"], PARTS = ["cause", "consequence", "action", "within"];
  let rules = null, hidingBefore = [], hiding = [], fault = "", chosen = null, shown = null, versions = [], busy = false;

  anlan.pageScript("rules", function (root) {
    rules = null; shown = null; busy = false;
    chosen = new URLSearchParams(window.location.search).get("rule");
    root.querySelectorAll("[data-area]").forEach(function (place) {
      const id = place.dataset.area, terms = id === "rule-terms" || id === "rule-requires";
      const area = el(terms ? "textarea.mono" : "textarea", { id: id, rows: id === "rule-source" ? 2 : terms ? 8 : 3, maxLength: terms ? 10000 : 1000, spellcheck: false });
      if (place.dataset.lang) area.lang = place.dataset.lang;
      area.addEventListener("input", marks);
      place.replaceChildren(area);
    });
    const kinds = el("input", { id: "rule-kinds", maxLength: 100, autocomplete: "off" });
    kinds.addEventListener("input", marks);
    byId("rule-kinds-box").replaceChildren(kinds);
    ["rule-active", "rule-priority"].forEach(function (id) { byId(id).addEventListener("change", marks); });
    byId("rule-save").addEventListener("click", save);
    byId("rule-discard").addEventListener("click", function () { shown = null; paintRule(); });
    window.onbeforeunload = function (event) { if (byId("rule-save") && dirty()) event.preventDefault(); };
    byId("rule-hide").addEventListener("click", function () { editHiding(null); });
    load();
  });

  async function load() {
    try { [rules, hiding] = await Promise.all([anlan.api("GET", "/rules"), anlan.api("GET", "/inhibitions")]); fault = ""; } catch (error) { fault = error.message; }
    if (rules && !chosen && rules.length) chosen = null;
    paint();
    if (chosen) await loadVersions();
  }
  async function loadVersions() {
    const code = chosen;
    readHiding(code);
    try { const all = await anlan.api("GET", "/rules/" + encodeURIComponent(code)); if (code === chosen) versions = all; } catch (error) { anlan.notice(error.message, true); }
    paintRule();
  }
  function current() { return rules ? rules.find(function (one) { return one.code === chosen; }) : null; }

  function paint() {
    const list = byId("rule-rows");
    if (!list) return;
    anlan.show(byId("rule-none"), !rules || !rules.length);
    if (!rules) put(byId("rule-none"), fault || t("loading"));
    anlan.sync(list, rules || [], function (one) { return one.code; }, function () {
      const node = el("li", {}, el("button", { type: "button" }, el("span.strong", { "data-part": "name" }), el("span.pill.plain", { "data-part": "state" }), el("span.muted.small", { "data-part": "what" })));
      node.firstChild.addEventListener("click", function () { choose(node.anlanCode); });
      return node;
    }, function (node, one) {
      node.anlanCode = one.code;
      node.classList.toggle("current", one.code === chosen);
      node.classList.toggle("off", !one.active);
      anlan.fill(node, { name: anlan.ruleName(one.code), state: one.active ? "v" + one.version : t("switched off"), what: [t("class " + one.class), one.kinds.map(function (kind) { return anlan.texts["kind of station " + kind] || kind; }).join(" "), one.code].filter(Boolean).join(" · ") });
    });
    anlan.show(byId("rule-empty"), !current());
    anlan.show(byId("rule-detail"), Boolean(current()));
    if (current()) paintRule();
  }
  async function choose(code) {
    if (code === chosen) return;
    if (dirty() && !(await anlan.ask({ title: t("discard"), what: t("unsaved changes are lost"), act: t("discard"), grave: true }))) return;
    chosen = code; shown = null; versions = []; hidingBefore = [];
    byId("rule-backtest").replaceChildren();
    paint();
    loadVersions();
  }

  function fields() {
    const card = {};
    LANGUAGES.forEach(function (language) { card[language] = {}; PARTS.forEach(function (part) { card[language][part] = byId("card-" + language + "-" + part).value.trim(); }); });
    return { card: card, terms: byId("rule-terms").value.trim(), requires: byId("rule-requires").value.trim(), active: byId("rule-active").value === "yes", priority: byId("rule-priority").value || null, kinds: byId("rule-kinds").value.trim().split(/[\s,;]+/).filter(Boolean), source: byId("rule-source").value.trim() };
  }
  function said(rule) { return { card: rule.card, terms: JSON.stringify(rule.terms, null, 2), requires: rule.requires ? JSON.stringify(rule.requires, null, 2) : "", active: rule.active, priority: rule.priority, kinds: rule.kinds, source: rule.source }; }
  function dirty() { return Boolean(shown && byId("rule-terms") && JSON.stringify(fields()) !== JSON.stringify(shown)); }
  function marks() {
    const changed = dirty() && anlan.mayDo("set_limit");
    anlan.show(byId("rule-save"), changed);
    anlan.show(byId("rule-discard"), changed);
  }

  function paintRule() {
    const rule = current();
    if (!rule || !byId("rule-title")) return;
    put(byId("rule-title"), anlan.ruleName(rule.code));
    put(byId("rule-facts"), [rule.code, t("class " + rule.class), t("kind {kind}", { kind: rule.kind }), rule.property ? (anlan.texts["property " + rule.property] || rule.property) : "", t("version {n}", { n: rule.version }), rule.set_at ? t("set {time} by {name}", { time: anlan.when(rule.set_at), name: rule.set_by }) : ""].filter(Boolean).join(" · "));
    const may = anlan.mayDo("set_limit");
    if (!shown) {
      const now = said(rule);
      LANGUAGES.forEach(function (language) { PARTS.forEach(function (part) { byId("card-" + language + "-" + part).value = now.card[language][part]; }); });
      byId("rule-terms").value = now.terms; byId("rule-requires").value = now.requires; byId("rule-active").value = now.active ? "yes" : "no";
      byId("rule-priority").value = now.priority || ""; byId("rule-kinds").value = now.kinds.join(" "); byId("rule-source").value = now.source;
      shown = fields();
    }
    document.querySelectorAll("#rule-detail textarea, #rule-detail .card-editor select, #rule-kinds").forEach(function (input) { if (input.tagName === "SELECT") input.disabled = !may; else input.readOnly = !may; });
    marks();
    anlan.sync(byId("rule-versions"), versions, function (one) { return one.version; },
      function () { return el("li", {}, el("time", { "data-part": "when" }), el("span", { "data-part": "what" }), el("div.muted.small", { "data-part": "why" })); },
      function (node, one) {
        anlan.cls(node, one.active ? "mark" : "");
        anlan.fill(node, { when: one.set_at ? anlan.when(one.set_at) : "", what: " v" + one.version + " · " + one.set_by + (one.second_person ? " + " + one.second_person : "") + (one.active ? " · " + t("in force") : ""), why: [one.reason, one.source].filter(Boolean).join(" · ") });
      });
    paintHiding(rule.code);
    anlan.show(byId("rule-hide"), mayHide() && mayBeHidden(rule));
    const box = byId("rule-backtest");
    if (!box.children.length) offer(box, rule);
  }

  /* Which rules it explains, and which explain it. */
  function paintHiding(code) {
    const found = hiding.filter(function (one) { return one.source === code || one.target === code; });
    anlan.sync(byId("rule-hiding"), found.length ? found : [null], function (one) { return one ? one.source + "/" + one.target : ""; },
      function () {
        const node = el("li", {}, el("div", {}, el("span", { "data-part": "what" }), el("span.muted.small", { "data-part": "how" })), el("div.acts", {},
          el("button", { type: "button", "data-act": "change", onclick: function () { editHiding(node.anlanRow); } }, t("change how it hides")),
          el("button", { type: "button", "data-act": "end", onclick: function () { endHiding(node.anlanRow); } }, t("switch off"))));
        return node;
      },
      function (node, one) {
        node.anlanRow = one;
        anlan.show(node.lastElementChild, Boolean(one) && mayHide());
        if (!one) { anlan.fill(node, { what: t("hides nothing and is hidden by nothing"), how: "" }); return; }
        anlan.fill(node, {
          what: one.source === code ? t("hides {rule}", { rule: anlan.ruleName(one.target) }) : t("is hidden by {rule}", { rule: anlan.ruleName(one.source) }),
          how: [howHidden(one), anlan.texts["hides because " + one.reason] || one.reason].filter(Boolean).join(" · "),
        });
      });
  }

  function mayHide() { return anlan.mayDo("set_limit") && !anlan.page.area; }
  function mayBeHidden(rule) { return rule.class === "equipment" && rule.kind !== "isolation"; }
  function howHidden(one) { return [t("share " + one.equal), one.release_after_s ? t("and {time} after it", { time: anlan.duration(one.release_after_s) }) : ""].filter(Boolean).join(" · "); }
  async function readHiding(code) {
    try { const found = await anlan.api("GET", "/inhibitions/history?rule=" + encodeURIComponent(code)); if (code === chosen) hidingBefore = found; } catch (error) { anlan.notice(error.message, true); }
    if (!byId("rule-hiding-history")) return;
    anlan.sync(byId("rule-hiding-history"), hidingBefore, function (one) { return one.at + one.source + one.target; },
      function () { return el("li", {}, el("time", { "data-part": "when" }), " ", el("span", { "data-part": "what" }), el("div.muted.small", { "data-part": "why" })); },
      function (node, one) {
        anlan.fill(node, { when: anlan.when(one.at), what: t(one.set ? "{source} hides {target}" : "{source} hides {target} no longer", { source: anlan.ruleName(one.source), target: anlan.ruleName(one.target) }), why: [one.by + (one.second ? " + " + one.second : ""), one.set ? howHidden(one) : "", one.reason].filter(Boolean).join(" · ") });
      });
  }
  async function editHiding(row) {
    if (busy) return;
    const others = rules.filter(function (one) { return one.code !== chosen && !hiding.some(function (each) { return each.source === one.code && each.target === chosen; }); });
    const fields = [
      { name: "equal", label: t("what both must share"), kind: "select", value: row ? row.equal : "station", options: ["none", "station", "area", "subject"].map(function (one) { return { value: one, label: t("share " + one) }; }) },
      { name: "minutes", label: t("minutes after it is over, at most 720"), kind: "number", value: String(row ? row.release_after_s / 60 : 0) },
      { name: "reason", label: t("reason"), needed: true },
    ];
    if (!row) fields.unshift({ name: "source", label: t("hidden while this stands"), kind: "select", options: others.map(function (one) { return { value: one.code, label: anlan.ruleName(one.code) }; }) });
    const target = row ? row.target : chosen;
    const answer = await anlan.ask({
      title: row ? t("{source} hides {target}", { source: anlan.ruleName(row.source), target: anlan.ruleName(target) }) : t("let another rule hide it") + " · " + anlan.ruleName(target),
      what: t("what hides more needs a second person"), fields: fields, act: t("save"), grave: true,
    });
    if (!answer) return;
    await acted(async function () {
      const done = await anlan.api("POST", "/inhibitions", { source: row ? row.source : answer.source, target: target, equal: answer.equal, release_after_s: Math.round(Number(answer.minutes) * 60), reason: answer.reason });
      return done.done ? t("saved") : t("request {n} waits for a second person", { n: done.request });
    });
  }
  async function endHiding(row) {
    if (busy) return;
    const answer = await anlan.ask({
      title: t("switch off") + " · " + t("{source} hides {target}", { source: anlan.ruleName(row.source), target: anlan.ruleName(row.target) }),
      what: t("what it hid calls again"), fields: [{ name: "reason", label: t("reason"), needed: true }], act: t("switch off"), grave: true,
    });
    if (answer) await acted(async function () { await anlan.api("POST", "/inhibitions/end", { source: row.source, target: row.target, reason: answer.reason }); return t("what it hid calls again"); });
  }
  async function acted(act) {
    busy = true;
    try { anlan.notice(await act()); hiding = await anlan.api("GET", "/inhibitions"); } catch (error) { anlan.notice(error.message, true); } finally { busy = false; }
    if (byId("rule-hiding")) { paintHiding(chosen); readHiding(chosen); }
  }

  async function save() {
    if (busy) return;
    const rule = current(), now = fields(), body = { card: now.card, active: now.active, priority: now.priority, kinds: now.kinds, source: now.source, seen: rule.version };
    try {
      body.terms = now.terms ? JSON.parse(now.terms) : {};
      body.requires = now.requires ? JSON.parse(now.requires) : null;
    } catch (error) { anlan.notice(t("terms are no JSON: {fault}", { fault: error.message }), true); return; }
    busy = true;
    try {
      const looked = await anlan.api("POST", "/rules/" + encodeURIComponent(rule.code) + "/preview", Object.assign({ reason: "-" }, body));
      if (looked.faults.length) { anlan.notice(looked.faults.map(function (one) { return one.where + ": " + one.message; }).join("\n"), true); return; }
      const answer = await anlan.ask({
        title: t("save as new version") + " · " + anlan.ruleName(rule.code),
        what: looked.relaxes.length ? looked.relaxes.map(function (how) { return t("rule relaxes " + how); }).join("、") + "\n" + t("this needs the commander as a second person") : t("the new version holds at once, the old one stays in the history"),
        fields: [{ name: "reason", label: t("reason"), needed: true }], act: looked.relaxes.length ? t("propose to a second person") : t("save as new version"), grave: Boolean(looked.relaxes.length),
      });
      if (!answer) return;
      const done = await anlan.api("POST", "/rules/" + encodeURIComponent(rule.code), Object.assign(body, { reason: answer.reason }));
      anlan.notice(done.done ? t("version {n} is in force", { n: done.version }) : t("request {n} waits for a second person", { n: done.request }));
      shown = null;
      await load();
    } catch (error) { anlan.notice(error.message, true); } finally { busy = false; }
  }

  function offer(box, rule) {
    if (rule.untested || !rule.active) { box.replaceChildren(el("p.muted", {}, t(rule.untested ? "no back-test " + rule.untested : "no back-test of a rule that is off"))); return; }
    if (!(anlan.mayDo("shelve") || anlan.mayDo("set_limit"))) { box.replaceChildren(el("p.muted", {}, t("a duty officer may ask for this"))); return; }
    const run = el("button", { type: "button", id: "backtest-run" }, t("test over the last year at all stations"));
    run.addEventListener("click", async function () {
      const tell = anlan.backtestProgress(box);
      try {
        const done = await anlan.runBacktest(anlan.lastYear(rule.code, [], []), tell);
        if (chosen !== rule.code) return;
        if (done) anlan.drawBacktest(box, done.result); else offer(box, rule);
      } catch (error) { anlan.notice(error.message, true); offer(box, rule); }
    });
    box.replaceChildren(el("p.muted", {}, t("back-test explained")), run);
  }
})(window.anlan);
