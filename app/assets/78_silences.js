/* Silences: what is muted by whom until when, what is out of service, and a new silence seen before it is made. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId;
  const HAZARDS = ["water", "rain", "tide", "weather", "report", "equipment"], COLOURS = ["blue", "yellow", "orange", "red"], MINUTES = [15, 30, 60, 120, 240, 480, 720];
  let found = null, absent = null, fault = "", absentFault = "", shown = "now", ask = null, form = null, seen = null, looking = 0, busy = false;

  anlan.pageScript("silences", function () {
    found = null; absent = null; shown = "now"; form = null; seen = null;
    anlan.choice(byId("silences-shown"), "shown", function (value) { shown = value; found = null; ask(); paint(); });
    if (byId("silence-form")) build();
    ask = anlan.every(function () { return 10; }, fetchAll);
    ask();
  });
  anlan.onTick(function () { if (byId("silence-rows")) clocks(); });

  async function fetchAll() {
    if (!byId("silence-rows")) return;
    const of = shown;
    try {
      const list = await anlan.api("GET", anlan.link("/silences?limit=200" + (of === "all" ? "&over=true" : "")));
      if (of !== shown) return;
      found = list; fault = "";
    } catch (error) { fault = error.message; }
    try { absent = await anlan.api("GET", "/out-of-service"); absentFault = ""; } catch (error) { absentFault = error.message; }
    paint();
  }

  function areaName(code) { return anlan.nameOf((anlan.page.home.areas || []).find(function (one) { return one.code === code; })) || code; }
  function stationName(code) { return anlan.nameOf(anlan.list("stations").find(function (one) { return one.code === code; })) || code; }
  function words(one) {
    const parts = [one.station && stationName(one.station), one.area && areaName(one.area), one.hazard && t("class " + one.hazard), one.rule && anlan.ruleName(one.rule)].filter(Boolean);
    return parts.join(" · ") + " · " + (one.most && one.most !== "red" ? t("up to {colour}", { colour: t("colour " + one.most) }) : t("red too"));
  }
  function left(one) {
    const now = anlan.now(), starts = new Date(one.starts_at).getTime(), ends = new Date(one.ends_at).getTime();
    if (one.ended_at) return t("ended {time} by {name}", { time: anlan.when(one.ended_at), name: one.ended_by });
    if (ends <= now) return t("ended by itself");
    return starts > now ? t("begins {time}", { time: anlan.soon(one.starts_at) }) : t("{left} left", { left: anlan.timer((ends - now) / 1000) });
  }
  function standing(one) { return !one.ended_at && new Date(one.ends_at).getTime() > anlan.now(); }
  function clocks() { (found || []).forEach(function (one) { const node = byId("silence-left-" + one.id); if (node) put(node, left(one)); }); }

  function row(id, act) {
    return el("li", {}, el("div", {}, el("span.strong", { "data-part": "what" }), el("span", { "data-part": "left", id: id }), el("span.small", { "data-part": "why" }), el("span.muted.small", { "data-part": "who" })),
      anlan.mayDo("shelve") ? el("button.end", { type: "button", "data-part": "end", onclick: act }, "") : "");
  }
  function none(node, list, failed, text, hint) {
    const empty = !list || !list.length;
    anlan.show(node, empty || Boolean(failed));
    if (empty || failed) node.replaceChildren(el("strong", {}, failed || (list ? text : t("loading"))), failed ? "" : list ? hint : "");
  }
  function paint() {
    if (!byId("silence-rows")) return;
    none(byId("silence-none"), found, fault, t("nothing is silenced"), t("nothing is silenced hint"));
    anlan.sync(byId("silence-rows"), found || [], function (one) { return one.id; }, function (one) {
      const node = row("silence-left-" + one.id, function () { endSilence(node.anlanRow); });
      return node;
    }, function (node, one) {
      node.anlanRow = one;
      anlan.cls(node, one.active ? "active" : standing(one) ? "" : "over");
      anlan.fill(node, {
        what: words(one), why: one.reason,
        who: one.author + (one.second ? " + " + one.second : "") + " · " + anlan.when(one.starts_at) + " – " + anlan.soon(one.ends_at) + (one.active ? " · " + t("mutes {n} open alarms", { n: one.alarms }) : ""),
      });
      if (anlan.part(node, "end")) { put(anlan.part(node, "end"), t("end it now")); anlan.show(anlan.part(node, "end"), standing(one)); }
    });
    none(byId("absence-none"), absent, absentFault, t("nothing is out of service"), t("nothing is out of service hint"));
    anlan.sync(byId("absence-rows"), absent || [], function (one) { return one.id; }, function (one) {
      const node = row("absence-left-" + one.id, function () { putBack(node.anlanRow); });
      return node;
    }, function (node, one) {
      node.anlanRow = one;
      anlan.fill(node, {
        what: absentName(one), left: t("until {time}", { time: anlan.soon(one.until) }), why: one.reason,
        who: one.by_user + " + " + one.second + " · " + t("out since {time}", { time: anlan.when(one.starts) }),
      });
      if (anlan.part(node, "end")) put(anlan.part(node, "end"), t("put back now"));
    });
    clocks();
  }
  function absentName(one) { return t("absent " + one.kind) + " " + ((anlan.page.language === "en" && one.name_en) || one.name || one.subject) + (one.area ? " · " + areaName(one.area) : ""); }

  async function confirmed(title, what, act, path) {
    if (busy || !(await anlan.ask({ title: title, what: what, act: act, grave: true }))) return;
    busy = true;
    try { await anlan.api("POST", path); anlan.notice(t("people are called again")); } catch (error) { anlan.notice(error.message, true); } finally { busy = false; }
    ask();
  }
  function endSilence(one) { confirmed(t("end it now") + " · " + words(one), t("ending a silence calls for {n}", { n: one.alarms }), t("end it now"), "/silences/" + one.id + "/end"); }
  function putBack(one) { confirmed(t("put back now") + " · " + absentName(one), t("putting back calls at once"), t("put back now"), "/out-of-service/" + one.id + "/end"); }

  function select(name, label, options) {
    const input = el("select", { id: "silence-" + name, name: name, onchange: changed });
    options.forEach(function (one) { input.append(el("option", { value: one[0] }, one[1])); });
    return { label: el("div.field", {}, el("label", { htmlFor: input.id }, label), input), input: input };
  }
  function inside(area, own) {
    for (let one = area; one; one = (anlan.page.home.areas || []).find(function (each) { return each.code === one.parent; })) if (one.code === own) return true;
    return false;
  }
  function build() {
    const own = anlan.page.area, any = [["", t("any")]];
    const areas = (anlan.page.home.areas || []).filter(function (one) { return ["county", "town", "hamlet"].includes(one.kind) && (!own || inside(one, own)); }).map(function (one) { return [one.code, (one.kind === "hamlet" ? "· " : "") + anlan.nameOf(one)]; });
    const stations = anlan.list("stations").map(function (one) { return [one.code, anlan.nameOf(one) + " " + one.code]; }).sort(function (a, b) { return a[1].localeCompare(b[1], anlan.page.language); });
    form = {
      hazard: select("hazard", t("silence hazard"), any.concat(HAZARDS.map(function (one) { return [one, t("class " + one)]; }))),
      rule: select("rule", t("silence rule"), any),
      area: select("area", t("silence area"), own ? areas : any.concat(areas)),
      station: select("station", t("silence station"), any.concat(stations)),
      most: select("most", t("silence most"), COLOURS.map(function (one) { return [one, t("up to {colour}", { colour: t("colour " + one) })]; })),
      minutes: select("minutes", t("for how long"), MINUTES.map(function (n) { return [n, anlan.duration(n * 60)]; })),
    };
    form.most.input.value = "orange";
    form.minutes.input.value = "60";
    const reason = el("textarea", { id: "silence-reason", rows: 2, maxLength: 300, oninput: buttons });
    form.reason = { input: reason, label: el("div.field.wide", {}, el("label", { htmlFor: reason.id }, t("reason") + " *"), reason) };
    const fields = el("div.silence-fields");
    Object.keys(form).forEach(function (name) { fields.append(form[name].label); });
    byId("silence-form").replaceChildren(fields,
      el("p.warn", { id: "silence-red", hidden: true }, t("muting red needs a second person") + " ", el("a", { href: anlan.link("/requests") }, t("page requests"))),
      el("div.acts.start", {}, el("button", { type: "button", id: "silence-look", onclick: look }, t("see what it mutes")), el("button.act", { type: "button", id: "silence-make", disabled: true, onclick: make }, t("silence it"))),
      el("div.fault", { id: "silence-fault", hidden: true, role: "alert" }),
      el("p.made", { id: "silence-made", hidden: true, role: "status" }),
      el("section", { id: "silence-preview", hidden: true, "aria-live": "polite" }, el("h3", { id: "silence-count" }), el("p.muted.small", {}, t("coming alarms that fit are muted too")), el("ol.silenced", { id: "silence-muted" })));
    anlan.api("GET", "/rules").then(function (list) {
      list.filter(function (one) { return one.active; }).forEach(function (one) { form.rule.input.append(el("option", { value: one.code }, anlan.ruleName(one.code))); });
    }, function (error) { tell(error.message); });
    buttons();
  }
  function wanted() {
    const of = function (name) { return form[name].input.value || null; };
    return { exercise: anlan.page.exercise || null, hazard: of("hazard"), rule: of("rule"), area: of("area"), station: of("station"), most: of("most") };
  }
  function tell(text) { put(byId("silence-fault"), text); anlan.show(byId("silence-fault"), Boolean(text)); }
  function changed() { looking += 1; seen = null; tell(""); anlan.show(byId("silence-made"), false); paintPreview(); buttons(); }
  function buttons() {
    const red = form.most.input.value === "red";
    anlan.show(byId("silence-red"), red);
    put(byId("silence-make"), red ? t("propose") : t("silence it"));
    byId("silence-make").disabled = busy || !seen || !form.reason.input.value.trim();
    byId("silence-make").title = seen ? "" : t("see first what it mutes");
  }
  async function look() {
    const mine = ++looking, asked = wanted();
    seen = null; tell("");
    if (!(asked.hazard || asked.rule || asked.area || asked.station)) { tell(t("say what is silenced")); buttons(); return; }
    try { const list = await anlan.api("POST", "/silences/preview", asked); if (mine === looking) seen = list; } catch (error) { if (mine === looking) tell(error.message); }
    paintPreview(); buttons();
  }
  function paintPreview() {
    anlan.show(byId("silence-preview"), Boolean(seen));
    if (!seen) return;
    put(byId("silence-count"), seen.length ? t("would mute {n} open alarms", { n: seen.length }) : t("no open alarm fits now"));
    anlan.sync(byId("silence-muted"), seen, function (one) { return one.id; }, function () { return el("li", {}, el("span", { "data-part": "text" })); }, function (node, one) {
      anlan.fill(node, { text: [one.severity ? t("colour " + one.severity) : "", (anlan.page.language === "en" && one.station_name_en) || one.station_name || one.subject, anlan.ruleName(one.rule), t("state " + one.state)].filter(Boolean).join(" · ") });
    });
  }
  async function make() {
    if (busy || !seen) return;
    busy = true; buttons();
    try {
      const until = new Date(anlan.now() + Number(form.minutes.input.value) * 60000 - (form.minutes.input.value === "720" ? 5000 : 0)).toISOString();
      const answer = await anlan.api("POST", "/silences", Object.assign(wanted(), { ends_at: until, reason: form.reason.input.value.trim() }));
      form.reason.input.value = "";
      changed();
      const made = byId("silence-made");
      if (answer.done) made.replaceChildren(t("silenced until {time}", { time: anlan.soon(until) }));
      else made.replaceChildren(t("proposed: a second person must allow it") + " ", el("a", { href: anlan.link("/requests?request=" + answer.request) }, t("request {n}", { n: answer.request })));
      anlan.show(made, true);
    } catch (error) { tell(error.message); } finally { busy = false; buttons(); }
    ask();
  }
})(window.anlan);
