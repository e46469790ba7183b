/* The weather page: warnings and their history, pictures over the map by time, tracks of typhoons. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const STEP_MS = 600, FIRST = ["radar", "rain", "satellite"], OPACITY = 0.55;
  let root = null, map = null, tab = "standing", history = [], asked = 0, fault = "";
  let layer = null, frame = null, playing = false, slider = null, opacity = null;
  let typhoons = [], chosen = null, track = null, trackFault = "";

  anlan.pageScript("weather", function (found) {
    root = found;
    map = anlan.feedMap(anlan.byId("map"), function () { return 14; });
    anlan.choice(anlan.byId("warnings-tabs"), "warnings", function (value) { tab = value; if (tab === "history") ask(); warnings(); });
    root.querySelectorAll("[data-layer]").forEach(function (button) {
      button.addEventListener("click", function () {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        map.layers({ [button.dataset.layer]: on });
      });
    });
    map.whenReady(function () { map.layers({ stations: false, areas: true, typhoons: true }); framed = false; picture(); });
    slider = el("input", { type: "range", min: 0, max: 0, step: 1, "aria-label": t("time of the picture") });
    slider.addEventListener("input", function () { stop(); show(Number(slider.value)); });
    anlan.byId("image-slider-box").append(slider);
    opacity = el("input", { type: "range", min: 10, max: 100, step: 5, value: OPACITY * 100, "aria-label": t("opacity") });
    opacity.addEventListener("input", picture);
    anlan.byId("image-opacity-box").append(opacity);
    anlan.byId("image-play").addEventListener("click", function () { if (playing) stop(); else play(); });
    anlan.byId("typhoon-choice").addEventListener("change", function (event) { choose(event.target.value); });
    askTyphoons();
  });

  function ofExercise(first) { return anlan.page.exercise ? first + "exercise=" + encodeURIComponent(anlan.page.exercise) : ""; }

  /* warnings */
  async function ask() {
    asked = Date.now();
    try { history = await anlan.api("GET", "/warnings" + ofExercise("?")); fault = ""; } catch (error) { fault = error.message; }
    warnings();
  }
  const OVER = ["expired", "replaced", "cancelled"];
  function listed() {
    if (tab === "standing") return anlan.warnings();
    return history.filter(function (row) { return OVER.includes(row.standing); }).sort(function (a, b) { return String(b.sent).localeCompare(String(a.sent)) || b.id - a.id; });
  }

  function warnings() {
    if (!root || !anlan.ready) return;
    const tabs = anlan.byId("warnings-tabs"), rows = listed(), none = anlan.byId("warning-none");
    anlan.fill(tabs, { "n-standing": anlan.warnings().length, "n-history": "" });
    anlan.show(none, !rows.length);
    if (!rows.length) put(none, tab === "history" && fault ? fault : tab === "history" ? t("no warning in the last 7 days") : t("no warning is in force"));
    anlan.sync(anlan.byId("warning-list"), rows, function (row) { return row.id; }, card, paint);
  }
  function card() {
    const more = el("details", {}, el("summary", {}, t("text and course")),
      el("p.body", { "data-part": "description" }), el("p.body", { "data-part": "instruction" }), el("ol.course", { "data-part": "course" }),
      el("p.note", { "data-part": "source" }), el("p", {}, el("a", { "data-part": "cap", download: "" }, "CAP"), " · ", el("a", { "data-part": "document", download: "" }, t("as received"))));
    return el("li", {},
      el("div.first", {}, el("span.pill", { "data-part": "pill" }), el("span.event", { "data-part": "event" }), el("span.tag", { "data-part": "state" }), el("span.tag", { "data-part": "unverified" }, t("unverified"))),
      el("div.headline", { "data-part": "headline" }), el("div.note", { "data-part": "who" }), el("div.note", { "data-part": "where" }), more);
  }
  function standingText(row) {
    if (row.standing === "in_force") return "";
    return row.standing === "ahead" && new Date(row.begins).getTime() <= anlan.now() ? "" : t("standing " + row.standing, { time: anlan.soon(row.standing === "ahead" ? row.begins : row.ends) });
  }
  function paint(node, row) {
    const info = anlan.warningInfo(row), state = standingText(row);
    anlan.cls(node, "warning " + (row.colour || "") + (OVER.includes(row.standing) ? " over" : ""));
    anlan.cls(anlan.part(node, "pill"), "pill " + (row.colour || ""));
    anlan.fill(node, {
      pill: anlan.warningColour(row), event: anlan.warningEvent(row), state: state, headline: info.headline || "",
      who: [anlan.warningSender(row), t("sent {time}", { time: anlan.when(row.sent) }), anlan.warningEnds(row)].join(" · "),
      where: info.area || "", description: info.description || "", instruction: info.instruction || "",
      source: [row.sender, row.identifier, row.profile, row.signed ? t("signed, signature not verified") : t("not signed"), row.note].filter(Boolean).join(" · "),
    });
    anlan.show(anlan.part(node, "state"), Boolean(state));
    anlan.show(anlan.part(node, "unverified"), !row.trusted);
    anlan.part(node, "cap").href = "/api/v1/warnings/" + row.id + "/cap";
    anlan.part(node, "document").href = "/api/v1/warnings/" + row.id + "/document";
    course(anlan.part(node, "course"), row);
  }
  function course(box, row) {
    const own = history.find(function (one) { return one.id === row.id; });
    const chain = own ? history.filter(function (one) { return one.chain === own.chain; }) : [];
    anlan.sync(box, chain.length > 1 || own && own.unknown.length ? chain : [], function (one) { return one.id; },
      function () { return el("li", {}, el("time", { "data-part": "time" }), el("span", { "data-part": "what" })); },
      function (node, one) {
        const said = anlan.warningColour(one) + " " + (one.infos.length ? anlan.warningEvent(one) : "");
        anlan.fill(node, {
          time: anlan.when(one.sent),
          what: [t("message " + one.message_type), one.infos.length ? said : "", anlan.warningSender(one), one.unknown.length ? t("refers to {n} that never came", { n: one.unknown.length }) : ""].filter(Boolean).join(" · "),
        });
      });
  }

  /* pictures */
  function layers() {
    return anlan.list("images").sort(function (a, b) {
      const place = function (one) { const at = FIRST.indexOf(one.layer); return at < 0 ? FIRST.length : at; };
      return place(a) - place(b) || a.layer.localeCompare(b.layer);
    });
  }
  function frames() { const found = layer && anlan.model.images.get(layer); return found ? found.frames : []; }

  function images() {
    if (!root || !anlan.ready) return;
    const all = layers(), box = anlan.byId("image-layers");
    if (!all.some(function (one) { return one.layer === layer; })) { layer = all.length ? all[0].layer : null; frame = null; }
    anlan.sync(box, all.length ? all : [null], function (one) { return one ? one.layer : "none"; },
      function (one) {
        if (!one) return el("span.muted", {}, t("no picture of the weather yet"));
        const button = el("button", { "aria-pressed": "false" }, anlan.texts["image " + one.layer] || one.layer);
        button.addEventListener("click", function () { layer = one.layer; frame = null; images(); });
        return button;
      },
      function (node, one) { if (one) node.setAttribute("aria-pressed", String(one.layer === layer)); });
    const list = frames(), newest = list.length - 1, shown = list.findIndex(function (one) { return one.id === frame; });
    slider.max = Math.max(0, newest);
    slider.disabled = anlan.byId("image-play").disabled = list.length < 2;
    show(frame === null || shown < 0 || following ? newest : shown);
  }
  let following = true, framed = false;
  function show(place) {
    const list = frames(), one = list[place];
    frame = one ? one.id : null;
    following = !one || place === list.length - 1;
    slider.value = Math.max(0, place);
    put(anlan.byId("image-time"), one ? t("{time}, picture {n} of {total}", { time: anlan.when(one.time), n: place + 1, total: list.length }) : "");
    picture();
  }
  function picture() {
    const one = frames().find(function (each) { return each.id === frame; });
    if (one && !framed) { framed = true; map.fit(one.bounds); }
    map.image(one ? { url: "/api/v1/weather/images/" + one.id, bounds: one.bounds, opacity: Number(opacity.value) / 100, note: (anlan.texts["image " + layer] || layer) + " " + anlan.when(one.time) } : null);
  }
  let timer = 0;
  function play() {
    const list = frames();
    if (list.length < 2) return;
    list.forEach(function (one) { new Image().src = "/api/v1/weather/images/" + one.id; });
    playing = true;
    put(anlan.byId("image-play"), t("pause"));
    timer = window.setInterval(function () {
      const all = frames(), at = all.findIndex(function (one) { return one.id === frame; });
      show((at + 1) % Math.max(1, all.length));
    }, STEP_MS);
  }
  function stop() {
    playing = false;
    window.clearInterval(timer);
    put(anlan.byId("image-play"), t("play"));
  }

  /* typhoons */
  async function askTyphoons() {
    try { typhoons = await anlan.api("GET", "/weather/typhoons" + ofExercise("?")); trackFault = ""; } catch (error) { trackFault = error.message; }
    const box = anlan.byId("typhoon-choice");
    box.replaceChildren();
    typhoons.forEach(function (one) {
      box.append(el("option", { value: one.code }, [one.code, anlan.nameOf(one), one.historical ? t("of the past") : ""].filter(Boolean).join(" ")));
    });
    anlan.show(box, typhoons.length > 0);
    if (!typhoons.some(function (one) { return one.code === chosen; })) chosen = typhoons.length ? typhoons[0].code : null;
    if (chosen) { box.value = chosen; choose(chosen); } else fixes();
  }
  async function choose(code) {
    chosen = code;
    try { track = await anlan.api("GET", "/weather/typhoons/" + encodeURIComponent(code) + ofExercise("?")); trackFault = ""; } catch (error) { track = null; trackFault = error.message; }
    fixes();
  }
  function between(list, moment) {
    for (let i = 0; i + 1 < list.length; i++) {
      const from = new Date(list[i].time).getTime(), to = new Date(list[i + 1].time).getTime();
      if (moment >= from && moment <= to) {
        const part = to > from ? (moment - from) / (to - from) : 0;
        return { lon: list[i].lon + (list[i + 1].lon - list[i].lon) * part, lat: list[i].lat + (list[i + 1].lat - list[i].lat) * part };
      }
    }
    return null;
  }
  function rows() {
    const all = track || [], analysed = all.filter(function (fix) { return !fix.issued; });
    const issues = Array.from(new Set(all.map(function (fix) { return fix.issued; }).filter(Boolean))).sort().reverse();
    const found = [];
    issues.forEach(function (issued) {
      found.push({ key: "h" + issued, heading: t("forecast of {time}", { time: anlan.when(issued) }) });
      all.filter(function (fix) { return fix.issued === issued; }).forEach(function (fix) {
        const real = between(analysed, new Date(fix.time).getTime());
        found.push({ key: issued + fix.time, fix: fix, forecast: true, off: real ? anlan.kilometres(fix, real) : null });
      });
    });
    found.push({ key: "analysed", heading: t("analysed") });
    analysed.slice().reverse().forEach(function (fix, n) { found.push({ key: fix.time, fix: fix, now: n === 0 }); });
    return all.length ? found : [];
  }
  function place(fix) {
    const of = function (value, plus, minus) { return Math.abs(value).toFixed(1) + "°" + (value < 0 ? minus : plus); };
    return of(fix.lat, "N", "S") + " " + of(fix.lon, "E", "W");
  }
  function circles(fix) {
    return [7, 10, 12].map(function (force) {
      const one = fix.circles.find(function (circle) { return circle.force === force; }), km = fix["radius" + force + "_km"];
      if (one && one.quadrants_km) return force + ": " + one.quadrants_km.map(Math.round).join("/");
      if (one && one.shortest_km < one.longest_km) return force + ": " + Math.round(one.longest_km) + "–" + Math.round(one.shortest_km);
      return km ? force + ": " + Math.round(km) : "";
    }).filter(Boolean).join("  ");
  }
  function fixes() {
    const list = rows(), none = anlan.byId("typhoon-none"), one = typhoons.find(function (each) { return each.code === chosen; });
    anlan.show(none, !list.length);
    if (!list.length) put(none, trackFault || t("no typhoon is known"));
    anlan.byId("typhoon-facts").replaceChildren.apply(anlan.byId("typhoon-facts"), !one ? [] : [
      el("b", {}, anlan.typhoonName(one)),
      one.highest_wind_ms ? el("span", {}, t("strongest {wind} m/s, force {force}", { wind: anlan.number(one.highest_wind_ms, 0), force: anlan.force(one.highest_wind_ms) })) : "",
      one.lowest_pressure_hpa ? el("span", {}, t("lowest {hpa} hPa", { hpa: anlan.number(one.lowest_pressure_hpa, 0) })) : "",
      one.historical ? el("span.tag", {}, t("of the past")) : "",
    ].filter(Boolean));
    anlan.sync(anlan.byId("typhoon-rows"), list, function (row) { return row.key; },
      function (row) {
        if (row.heading) return el("tr.heading", {}, el("td", { colSpan: 8, "data-part": "heading" }));
        return el("tr", {}, el("td", { "data-part": "time" }), el("td", { "data-part": "place" }), el("td", { "data-part": "grade" }), el("td", { "data-part": "wind" }), el("td", { "data-part": "hpa" }), el("td", { "data-part": "moves" }), el("td", { "data-part": "circles" }), el("td", { "data-part": "off" }));
      },
      function (node, row) {
        if (row.heading) { anlan.fill(node, { heading: row.heading }); return; }
        const fix = row.fix;
        anlan.cls(node, row.forecast ? "forecast" : row.now ? "now" : "");
        anlan.fill(node, {
          time: one && one.historical ? anlan.date(fix.time) + " " + anlan.clock(fix.time) : anlan.soon(fix.time), place: place(fix),
          grade: fix.grade ? t("grade " + fix.grade) : "", wind: fix.wind_ms ? anlan.number(fix.wind_ms, 0) + " · " + t("force {n}", { n: anlan.force(fix.wind_ms) }) : "",
          hpa: fix.pressure_hpa ? anlan.number(fix.pressure_hpa, 0) : "", moves: fix.move_kmh !== null && fix.move_dir_deg !== null ? anlan.compass(fix.move_dir_deg) + " " + Math.round(fix.move_kmh) : "",
          circles: circles(fix), off: row.off === null || row.off === undefined ? "" : Math.round(row.off) + " km",
        });
      });
  }

  anlan.onChange(function (changed) {
    if (!root) return;
    if (changed.has("warnings")) { warnings(); if (Date.now() - asked > 3000) ask(); }
    if (changed.has("images")) images();
    if (changed.has("typhoons")) askTyphoons();
  });
  anlan.onTick(function () { if (root && tab === "standing") warnings(); });
})(window.anlan);
