/* Data health of one station: its series hour by hour, and beside them what it really said. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, SVG = "http://www.w3.org/2000/svg";
  let code = "", hours = "24", found = null, fault = "", ask = null;
  let messages = [], next = null, faulty = false, rawFault = "", kept = 7, loaded = false, atTop = true;

  anlan.pageScript("health-station", function () {
    code = anlan.page.station; found = null; messages = []; loaded = false;
    anlan.choice(anlan.byId("health-hours"), "hours", function (value) { hours = value; ask(); });
    const only = anlan.byId("raw-faulty");
    only.addEventListener("click", function () {
      faulty = !faulty;
      only.setAttribute("aria-pressed", String(faulty));
      messages = []; loaded = false; atTop = true;
      newest();
    });
    anlan.byId("raw-older").addEventListener("click", older);
    anlan.byId("raw-newer").addEventListener("click", function () { atTop = true; newest(); });
    anlan.byId("to-hydrograph").href = anlan.link("/stations/" + encodeURIComponent(code));
    ask = anlan.every(function () { return 30; }, function () { return Promise.all([counts(), newest()]); });
    ask();
    if (window.location.hash === "#raw") anlan.byId("raw").focus();
  });

  async function counts() {
    const of = hours;
    try {
      const answer = await anlan.api("GET", anlan.link("/health/stations/" + encodeURIComponent(code) + "?hours=" + of));
      if (of !== hours) return;
      found = answer; fault = "";
    } catch (error) { fault = error.message; }
    paint();
  }

  function query(before) {
    return anlan.link("/raw-messages?station=" + encodeURIComponent(code) + "&limit=50" + (faulty ? "&faulty=true" : "") + (before ? "&before=" + encodeURIComponent(before) : ""));
  }
  /* New messages come in above; once somebody has gone to older ones, only a button says that there are any. */
  async function newest() {
    const of = faulty;
    try {
      const page = await anlan.api("GET", query());
      if (of !== faulty) return;
      const known = new Set(messages.map(function (one) { return one.id; }));
      const fresh = page.items.filter(function (one) { return !known.has(one.id); });
      if (!messages.length || fresh.length === page.items.length) { messages = page.items; next = page.next; }
      else messages = fresh.concat(messages).slice(0, 2000);
      kept = page.kept_days; rawFault = ""; loaded = true;
    } catch (error) { rawFault = error.message; }
    paintRaw();
  }
  async function older() {
    const button = anlan.byId("raw-older");
    button.disabled = true;
    try {
      const page = await anlan.api("GET", query(next));
      const known = new Set(messages.map(function (one) { return one.id; }));
      messages = messages.concat(page.items.filter(function (one) { return !known.has(one.id); }));
      next = page.next;
    } catch (error) { anlan.notice(error.message, true); }
    button.disabled = false;
    paintRaw();
  }

  function paintRaw() {
    const list = anlan.byId("raw-rows"), none = anlan.byId("raw-none");
    if (!list) return;
    const may = (anlan.page.acts || []).includes("read_raw");
    anlan.show(none, !messages.length);
    const text = rawFault || (!loaded ? t("loading") : faulty ? t("no message with faults") : t("no message kept {n}", { n: kept }));
    if (!messages.length) put(none, text);
    put(anlan.byId("raw-kept"), rawFault && messages.length ? t("not renewed: {fault}", { fault: rawFault }) : t("kept for {n} days", { n: kept }));
    anlan.show(anlan.byId("raw-older"), Boolean(next));
    anlan.messages(list, messages, function (node, row) {
      anlan.fill(node, {
        when: anlan.when(row.received_at, true),
        what: row.format === null ? t("no format") : row.faults ? t("{n} readings, {m} faults", { n: row.readings, m: row.faults }) : t("{n} readings", { n: row.readings }),
        size: (row.format || "") + " · " + anlan.bytes(row.size), head: row.head || "",
      });
      node.title = row.topic;
      node.classList.toggle("faulty", row.faults > 0);
    }, async function (row) {
      const whole = await anlan.api("GET", "/raw-messages/" + encodeURIComponent(row.id));
      return Object.assign(whole, { detail: whole.topic });
    }, may);
  }

  function paint() {
    const head = anlan.byId("health-station-head");
    if (!head) return;
    const none = anlan.byId("series-none");
    anlan.show(none, !found || !found.series.length);
    if (!found) { put(none, fault || t("loading")); return; }
    put(none, t("this station has never been heard"));
    const one = found.station, place = anlan.townOf(one.area);
    anlan.fill(head, { name: anlan.nameOf(one), pill: t("reporting " + one.state), place: one.code + " · " + t("kind of station " + one.kind) + (place ? " · " + anlan.nameOf(place) : "") });
    anlan.cls(anlan.part(head, "pill"), "pill reporting-" + one.state);
    facts(one);
    series();
    lines("gap-rows", found.gaps, t("no gaps"), function (gap) {
      return t("property " + gap.property) + " · " + span(gap.begins, gap.ends) + " · " + t("gap " + gap.state) + (gap.attempts ? " · " + t("asked {n} times", { n: gap.attempts }) : "");
    });
    lines("revision-rows", found.revisions, t("no revisions"), function (row) {
      return anlan.when(row.time) + " · " + t("property " + row.property) + " · " + t("{old} by {source}, holds {value}", {
        old: anlan.measure(row.value, row.property), source: row.by || row.source, value: anlan.measure(row.holds, row.property) + (row.holds_by ? " (" + row.holds_by + ")" : ""),
      });
    });
  }
  function span(from, to) { return anlan.soon(from) + " – " + anlan.soon(to); }

  function lines(id, rows, none, say) {
    anlan.sync(anlan.byId(id), rows.length ? rows : [null], function (row, index) { return row ? index : "none"; },
      function () { return el("li"); }, function (node, row) { put(node, row ? say(row) : none); anlan.cls(node, row ? "" : "muted"); });
  }

  function facts(one) {
    const delay = found.delay, told = [
      ["completeness", one.completeness === null ? "—" : anlan.percent(one.completeness)], ["received / expected", one.received + " / " + one.expected],
      ["last heard", one.heard_at ? anlan.age(one.heard_at) : t("never")], ["period", anlan.duration(one.period_s)],
      ["delay", delay.p95_s === null ? "—" : t("half {median}, 95 % {p95}", { median: anlan.duration(delay.median_s), p95: anlan.duration(delay.p95_s) })],
      ["clock error", one.clock_error_s === null ? t("not told") : anlan.signed(one.clock_error_s) + " · " + anlan.age(one.clock_at)],
      ["battery", one.battery_voltage !== null ? anlan.measure(one.battery_voltage, "battery_voltage") : one.battery_level !== null ? anlan.measure(one.battery_level, "battery_level") : t("not told")],
      ["signal", one.signal_strength === null ? t("not told") : anlan.measure(one.signal_strength, "signal_strength")],
      ["as of", fault ? t("not renewed: {fault}", { fault: fault }) : anlan.age(found.at)],
    ];
    anlan.sync(anlan.byId("health-facts"), told, function (fact) { return fact[0]; },
      function (fact) { return el("div", {}, el("dt", {}, t("health fact " + fact[0])), el("dd", { "data-part": "value" })); },
      function (node, fact) { anlan.fill(node, { value: fact[1] }); });
  }

  function series() {
    anlan.sync(anlan.byId("series-rows"), found.series, function (row) { return row.id; },
      function () {
        const number = function (name) { return el("td.number", { "data-part": name }); };
        const matrix = document.createElementNS(SVG, "svg");
        matrix.setAttribute("class", "strip matrix");
        matrix.setAttribute("preserveAspectRatio", "none");
        matrix.setAttribute("role", "img");
        return el("tr", {}, el("td", {}, el("span.strong", { "data-part": "name" }), el("div.muted.small", { "data-part": "of" })), el("td.wide", {}, matrix),
          number("received"), number("late"), number("flagged"), number("missing"), number("revised"),
          el("td", {}, el("span", { "data-part": "value" }), el("div.muted.small", { "data-part": "age" })), el("td.small", { "data-part": "quality" }));
      },
      function (node, row) {
        const sum = function (name) { return (row[name] || []).reduce(function (all, n) { return all + n; }, 0); }, some = function (n) { return n ? n : "·"; };
        const extra = [row.sensor > 1 ? t("sensor {n}", { n: row.sensor }) : "", row.period_s ? t("total of {period}", { period: anlan.duration(row.period_s) }) : "", row.derived ? t("derived") : row.counted ? "" : t("not counted")];
        anlan.fill(node, {
          name: t("property " + row.property), of: extra.filter(Boolean).join(" · "), received: sum("readings") + dueText(row), late: some(sum("late")), flagged: some(sum("flagged")), missing: some(sum("missing")), revised: some(sum("revised")),
          age: row.time ? anlan.age(row.time) : t("never heard"), quality: row.quality === null ? "" : t("quality " + row.quality) + (row.reason ? " · " + anlan.faultText(row.reason) : ""),
        });
        anlan.paintValue(anlan.part(node, "value"), Object.assign({ }, row, { period_s: row.every_s }), row.value);
        node.classList.toggle("apart", row.derived || !row.counted);
        matrixOf(node.querySelector(".matrix"), row);
      });
  }

  /* Readings that were due in an hour; of the running one those that could have come by now. */
  function dueIn(row, hour) {
    if (hour < found.hours - 1) return 3600 / row.every_s;
    const passed = (new Date(found.at).getTime() - new Date(found.since).getTime()) / 1000 - hour * 3600;
    return Math.max(0, Math.floor((passed - row.every_s - 60) / row.every_s));
  }
  function dueText(row) {
    if (!row.counted || row.derived) return "";
    return " / " + Math.round((found.hours - 1) * dueIn(row, 0) * (found.hours > 1) + dueIn(row, found.hours - 1));
  }

  /* A cell an hour; the brighter, the more is missing; a notch says that something in it was flagged. */
  function matrixOf(svg, row) {
    const key = JSON.stringify([found.since, row.hours, row.readings, row.flagged, row.missing]);
    if (svg.anlanKey === key) return;
    svg.anlanKey = key;
    const start = new Date(found.since).getTime(), counted = row.counted && !row.derived;
    svg.setAttribute("viewBox", "0 0 " + found.hours + " 10");
    svg.replaceChildren();
    let whole = 0;
    for (let hour = 0; hour < found.hours; hour++) {
      const at = (row.hours || []).indexOf(hour), n = at < 0 ? 0 : row.readings[at] - row.missing[at], begins = start + hour * 3600e3, wanted = dueIn(row, hour);
      const share = wanted >= 1 ? Math.min(1, n / wanted) : 1, came = Math.floor(share * 10 + 1e-6), cell = document.createElementNS(SVG, "g");
      if (share >= 1) whole += 1;
      const title = document.createElementNS(SVG, "title");
      title.textContent = anlan.soon(begins) + " · " + t("{n} of {m} came", { n: n, m: Math.round(wanted) }) + (at >= 0 && row.flagged[at] ? " · " + t("{n} flagged", { n: row.flagged[at] }) : "");
      cell.append(title);
      const box = function (name, top, height) {
        const rect = document.createElementNS(SVG, "rect");
        [["class", name], ["x", hour + 0.06], ["y", top], ["width", 0.88], ["height", height]].forEach(function (pair) { rect.setAttribute(pair[0], pair[1]); });
        cell.append(rect);
      };
      if (!counted || (wanted < 1 && !n)) box(n ? "full" : "due", n ? 0 : 9, n ? 10 : 1);
      else { if (came > 0) box("full", 10 - came, came); if (came < 10) box("none", 0, 10 - came); }
      if (at >= 0 && row.flagged[at]) box("flag", 3.5, 3);
      svg.append(cell);
    }
    svg.setAttribute("aria-label", t("{n} of {m} hours complete", { n: whole, m: found.hours }));
  }

  anlan.onTick(function () { if (anlan.byId("health-facts") && found) facts(found.station); });
})(window.anlan);
