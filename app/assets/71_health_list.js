/* Data health of all stations: asked for every 30 s, worst first; filters, scroll and place survive. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, STEP = 100;
  const STATES = ["silent", "incomplete", "late", "flagged", "complete", "never", "out_of_service"];
  let found = null, fault = "", hours = "24", town = "", kind = "", faulty = false, states = new Set(), search = null, shown = STEP, ask = null;

  anlan.pageScript("health", function (root) {
    found = null; shown = STEP; states = new Set();
    search = anlan.searchBox("health-search", narrowed);
    anlan.choice(anlan.byId("health-hours"), "hours", function (value) { hours = value; found = null; paint(); ask(); });
    const towns = anlan.byId("health-town");
    anlan.page.home.areas.filter(function (area) { return area.kind === "town"; }).forEach(function (area) { towns.append(el("option", { value: area.code }, anlan.nameOf(area))); });
    towns.addEventListener("change", function () { town = towns.value; narrowed(); });
    const kinds = anlan.byId("health-kind");
    kinds.addEventListener("change", function () { kind = kinds.value; narrowed(); });
    const only = anlan.byId("health-faulty");
    only.addEventListener("click", function () { faulty = !faulty; only.setAttribute("aria-pressed", String(faulty)); narrowed(); });
    root.querySelectorAll("#health-states [data-state]").forEach(function (button) {
      button.addEventListener("click", function () {
        const state = button.dataset.state;
        if (!states.delete(state)) states.add(state);
        button.setAttribute("aria-pressed", String(states.has(state)));
        narrowed();
      });
    });
    anlan.byId("health-more").addEventListener("click", function () { shown += STEP; paint(); });
    ask = anlan.every(function () { return 30; }, fetchAll);
    ask();
  });

  function narrowed() { shown = STEP; paint(); }

  async function fetchAll() {
    const of = hours;
    try {
      const answer = await anlan.api("GET", anlan.link("/health/stations?hours=" + of));
      if (of !== hours) return;
      found = answer;
      fault = "";
    } catch (error) { fault = error.message; }
    paint();
  }

  function wanted() {
    const text = search ? search.value.trim().toLowerCase() : "";
    return found.stations.filter(function (one) {
      const place = town ? anlan.townOf(one.area) : null;
      return (!town || (place && place.code === town)) && (!kind || one.kind === kind) && (!states.size || states.has(one.state))
        && (!faulty || !["complete", "out_of_service"].includes(one.state) || one.late || one.flagged || one.missing || one.gaps)
        && (!text || (one.code + " " + one.name + " " + one.name_en).toLowerCase().includes(text));
    });
  }

  function empty(title, hint) {
    const none = anlan.byId("health-none"), key = title + hint;
    anlan.show(none, Boolean(title));
    if (title && none.anlanText !== key) { none.anlanText = key; none.replaceChildren(el("strong", {}, title), hint); }
  }

  function paint() {
    const rows = anlan.byId("health-rows");
    if (!rows) return;
    const list = found ? wanted() : [];
    if (found) summary();
    if (!found) empty(fault || t("loading"), fault ? t("asked again by itself") : "");
    else if (!found.stations.length) empty(t("no stations yet"), t("no stations yet hint"));
    else if (!list.length) empty(t("no station fits"), t("no station fits hint"));
    else empty("", "");
    put(anlan.byId("health-found"), found ? t("{n} stations", { n: list.length }) : "");
    anlan.sync(rows, list.slice(0, shown), function (one) { return one.code; }, create, update);
    anlan.show(anlan.byId("health-more"), list.length > shown);
    put(anlan.byId("health-more"), t("show {n} more of {m}", { n: Math.min(STEP, list.length - shown), m: list.length - shown }));
  }

  function summary() {
    const box = anlan.byId("health-states");
    anlan.fill(box, Object.assign({ all: found.stations.length }, found.states));
    STATES.forEach(function (state) { box.querySelector("[data-state=" + state + "]").classList.toggle("nobody", !found.states[state]); });
    const receiver = found.receiver, side = anlan.byId("health-receiver");
    const beat = receiver.beat_at ? t("receiver silent for {age}", { age: anlan.duration(anlan.secondsSince(receiver.beat_at)) }) : t("receiver never heard");
    const lag = receiver.lag_s === null ? "" : t("receiver lag {lag}", { lag: receiver.lag_s < 1 ? Math.round(receiver.lag_s * 1000) + " ms" : anlan.duration(receiver.lag_s) });
    const waits = receiver.queued ? " · " + t("{n} waiting", { n: receiver.queued }) : "";
    anlan.fill(side, {
      receiver: !receiver.alive ? beat : receiver.catching_up ? t("catching up") + (receiver.left !== null ? " · " + t("about {n} left", { n: anlan.number(receiver.left, 0) }) : "") + " · " + lag + waits : lag + waits,
      counting: found.counting_lag_s > 60 ? t("counts lag {age}", { age: anlan.duration(found.counting_lag_s) }) : "",
      quarantined: found.quarantined,
      "as-of": fault ? t("not renewed: {fault}", { fault: fault }) : t("as of {age}", { age: anlan.age(found.at) }),
    });
    anlan.part(side, "receiver").classList.toggle("age-old", !receiver.alive || receiver.catching_up);
    anlan.part(side, "counting").classList.toggle("age-old", found.counting_lag_s > 60);
    anlan.part(side, "as-of").classList.toggle("age-old", Boolean(fault));
  }

  function create(one) {
    const link = anlan.link("/health/" + encodeURIComponent(one.code));
    const number = function (name) { return el("td.number", { "data-part": name }); };
    const node = el("tr.link", { "data-station": one.code },
      el("td", {}, el("a.strong", { href: link, "data-part": "name" }), el("div.muted.small", { "data-part": "place" })),
      el("td", {}, el("span.pill", { "data-part": "state" })), number("share"), el("td", {}, anlan.strip()),
      number("received"), number("late"), number("flagged"), number("missing"), number("revised"),
      el("td", {}, el("span", { "data-part": "value" }), el("div.muted.small", { "data-part": "age" })),
      number("battery"), number("signal"), number("clock"), el("td", {}, el("a", { href: link + "#raw", "data-part": "raw" })));
    node.addEventListener("click", function (event) { if (!event.target.closest("a")) window.location.assign(link); });
    return node;
  }

  function update(node, one) {
    const place = anlan.townOf(one.area), some = function (n) { return n ? n : "·"; };
    anlan.fill(node, {
      name: anlan.nameOf(one), place: one.code + " · " + t("kind of station " + one.kind) + (place ? " · " + anlan.nameOf(place) : ""),
      state: t("reporting " + one.state), share: one.completeness === null ? "—" : percent(one.completeness),
      received: one.received + " / " + one.expected, late: some(one.late), flagged: some(one.flagged), missing: some(one.missing), revised: some(one.revised),
      age: ages(one), battery: one.battery_voltage !== null ? anlan.measure(one.battery_voltage, "battery_voltage") : one.battery_level !== null ? anlan.measure(one.battery_level, "battery_level") : "—",
      signal: one.signal_strength === null ? "—" : anlan.measure(one.signal_strength, "signal_strength"),
      clock: one.clock_error_s === null ? "—" : anlan.signed(one.clock_error_s), raw: t("raw short"),
    });
    anlan.paintValue(anlan.part(node, "value"), one, one.value);
    anlan.cls(anlan.part(node, "state"), "pill reporting-" + one.state);
    anlan.cls(node, "link" + (one.state === "out_of_service" || one.state === "never" ? " apart" : ""));
    anlan.paintStrip(node.querySelector(".strip"), one.hours);
  }

  function ages(one) {
    if (!one.time) return t("never heard");
    return anlan.age(one.time) + (one.heard_at && anlan.secondsSince(one.heard_at) > anlan.secondsSince(one.time) + 60 ? " · " + t("heard {age}", { age: anlan.age(one.heard_at) }) : "");
  }
  function percent(share) { return (share >= 0.9995 ? "100" : (Math.floor(share * 1000) / 10).toFixed(1)) + " %"; }
  anlan.percent = percent;

  /* Ages grow between two answers. */
  anlan.onTick(function () {
    const rows = anlan.byId("health-rows");
    if (!rows || !found) return;
    const by = new Map(found.stations.map(function (one) { return [one.code, one]; }));
    Array.from(rows.children).forEach(function (node) { const one = by.get(node.dataset.station); if (one) put(anlan.part(node, "age"), ages(one)); });
    summary();
  });
})(window.anlan);
