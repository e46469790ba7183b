/* Alarm performance of desks over a chosen time: asked once, and again by itself while the time ends now. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, SVG = "http://www.w3.org/2000/svg";
  const DAYS = { day: 1, week: 7, month: 30, year: 365 }, COLOURS = ["red", "orange", "yellow", "blue"];
  let found = null, fault = "", span = "week", desk = "", own = null, ask = null, asked = 0;

  anlan.pageScript("kpi", function () {
    found = null; fault = ""; asked = 0;
    const desks = anlan.byId("kpi-desk");
    anlan.page.home.areas.filter(function (area) { return area.kind === "county" || area.kind === "town"; })
      .forEach(function (area) { desks.append(el("option", { value: area.code }, anlan.nameOf(area))); });
    desks.addEventListener("change", function () { desk = desks.value; again(); });
    own = ["from", "to"].map(function (name) { return el("input", { type: "date", "aria-label": t("kpi " + name), id: "kpi-" + name, onchange: again }); });
    anlan.byId("kpi-own").replaceChildren(own[0], " – ", own[1]);
    anlan.choice(anlan.byId("kpi-span"), "span", function (value) {
      span = value;
      anlan.show(anlan.byId("kpi-own"), span === "own");
      if (span === "own" && !own[0].value) {
        own[1].value = anlan.date(anlan.now());
        own[0].value = anlan.date(anlan.now() - 7 * 86400000);
      }
      again();
    });
    ask = anlan.every(function () { return span === "year" ? 300 : 60; }, fetchAll);
    ask();
  });
  /* What was asked before is not of the time that is chosen now. */
  function again() { found = null; fault = ""; asked += 1; paint(); if (ask) ask(); }

  /* Whole days of the county: from the first's beginning to the last's end. */
  function query() {
    const parts = [];
    if (span === "own") {
      if (!own[0].value || !own[1].value) return null;
      const start = anlan.startOfDay(own[0].value), end = new Date(anlan.startOfDay(own[1].value).getTime() + 86400000);
      if (!(start < end) || end - start > 366 * 86400000) return null;
      parts.push("from=" + start.toISOString(), "to=" + end.toISOString());
    } else parts.push("from=" + new Date(anlan.now() - DAYS[span] * 86400000).toISOString());
    if (desk) parts.push("desk=" + encodeURIComponent(desk));
    return parts.join("&");
  }

  async function fetchAll() {
    const wanted = query(), mine = ++asked;
    if (wanted === null) { fault = t("kpi choose days"); paint(); return; }
    anlan.byId("kpi-csv").href = "/api/v1" + anlan.link("/kpi.csv?" + wanted);
    try {
      const answer = await anlan.api("GET", anlan.link("/kpi?" + wanted));
      if (mine !== asked) return;
      found = answer;
      fault = "";
    } catch (error) { if (mine !== asked) return; fault = error.message; }
    paint();
  }

  function seconds(value) { return value === null ? "—" : anlan.spell(value); }
  function percent(value) { return value === null ? "—" : (value * 100).toFixed(value > 0 && value < 0.0995 ? 1 : 0) + " %"; }

  /* Grey tones and a word: colours mean an alarm, and a figure is none. */
  function tile(name, value, unit, verdict, limit) {
    const node = anlan.byId("kpi-" + name);
    anlan.fill(node, { value: value, unit: unit, verdict: verdict ? t("verdict " + verdict) : "", limit: limit });
    anlan.cls(node, "tile " + (verdict || ""));
  }
  function exactly(seconds) {
    return seconds % 86400 === 0 ? t("{n} d", { n: seconds / 86400 }) : seconds % 3600 === 0 ? t("{n} h", { n: seconds / 3600 }) : t("{n} min", { n: Math.round(seconds / 60) });
  }
  function judge(value, target, most) { return value === null ? "" : value <= target ? "good" : value <= most ? "fair" : "over"; }

  function paint() {
    const none = anlan.byId("kpi-none");
    if (!none) return;
    anlan.show(none, !found);
    anlan.show(anlan.byId("kpi-found"), Boolean(found));
    const told = fault || t("loading");
    if (!found && none.anlanText !== told) { none.anlanText = told; none.replaceChildren(el("strong", {}, told)); }
    put(anlan.byId("kpi-as-of"), !found ? "" : fault ? t("not renewed: {fault}", { fault: fault }) : t("from {from} to {to}", { from: anlan.date(found.start) + " " + anlan.clock(found.start), to: anlan.date(found.end) + " " + anlan.clock(found.end) }));
    if (!found) return;
    tiles();
    chart();
    tables();
    lists();
  }

  function tiles() {
    const limits = found.limits, all = found.answering[0], rate = found.rate;
    const single = desk !== "" || found.desks.length <= 1;
    tile("rate", anlan.number(rate.per_hour, rate.per_hour < 10 ? 2 : 0), t("kpi an hour"), single ? judge(rate.per_hour, limits.hour_target, limits.hour_most) : "",
      single ? t("target {a}, at most {b}", { a: limits.hour_target, b: limits.hour_most }) : t("{n} desks together", { n: found.desks.length }));
    tile("peak", rate.peak, rate.peak_at ? anlan.date(rate.peak_at).slice(5) + " " + anlan.clock(rate.peak_at) : "", single ? judge(rate.peak, limits.flood_above, limits.flood_above) : "",
      t("in any ten minutes; flood above {n}", { n: limits.flood_above }));
    const lasted = found.floods.reduce(function (sum, one) { return sum + one.seconds; }, 0);
    tile("floods", found.flood_count, found.flood_count ? t("{time} in all", { time: anlan.duration(lasted) }) : "", judge(found.flood_share, limits.flood_share, limits.flood_share),
      t("{share} of the time, at most {most}", { share: percent(found.flood_share), most: percent(limits.flood_share) }));
    tile("answer", all.median_s === null ? "—" : seconds(all.median_s), t("kpi median"), "", t("p95 {time}", { time: seconds(all.p95_s) }));
    tile("within", percent(all.within), "", all.within === null ? "" : all.within >= 0.95 ? "good" : all.within >= 0.8 ? "fair" : "over", t("{n} of {m} acknowledged", { n: all.acknowledged, m: all.count }));
    tile("uncalled", found.uncalled, "", found.uncalled ? "over" : "good", t("kpi uncalled hint"));
    tile("stale", found.stale_count, "", judge(found.stale_count, limits.stale_most, limits.stale_most), t("longer than {time}, at most {n}", { time: exactly(limits.stale_s), n: limits.stale_most }));
    tile("top", percent(found.rate.count ? found.top_share : null), "", "", t("of the load from ten sources"));
  }

  function shape(tag, attributes, text) {
    const node = document.createElementNS(SVG, tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text) { const title = document.createElementNS(SVG, "title"); title.textContent = text; node.append(title); }
    return node;
  }
  function chart() {
    const box = anlan.byId("kpi-chart"), width = Math.max(400, box.clientWidth), height = box.clientHeight || 170, left = 34, foot = 18;
    const per = found.bin_s / 3600, most = found.limits.hour_most * per, flood = found.limits.flood_above;
    const limit = found.bin_s === 600 ? flood : most;
    const highest = Math.max(limit * 1.15, 1, Math.max.apply(null, found.bins)), wide = (width - left) / found.bins.length;
    const y = function (n) { return height - foot - n / highest * (height - foot - 6); };
    const begin = new Date(found.start).getTime();
    const x = function (moment) { return left + (new Date(moment).getTime() - begin) / 1000 / found.bin_s * wide; };
    const svg = shape("svg", { viewBox: "0 0 " + width + " " + height, width: width, height: height });
    found.floods.forEach(function (one) {
      const from = x(one.begins), to = one.ends ? x(one.ends) : x(found.end);
      svg.append(shape("rect", { class: "flood", x: from, y: 0, width: Math.max(2, to - from), height: height - foot }, t("flood of {n} alarms, {time}", { n: one.alarms, time: anlan.duration(one.seconds) })));
    });
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].find(function (n) { return highest / n <= 4; }) || 20000;
    for (let n = 0; n <= highest; n += step) {
      svg.append(shape("line", { class: "grid", x1: left, x2: width, y1: y(n), y2: y(n) }));
      const label = shape("text", { class: "axis", x: left - 6, y: y(n) + 4, "text-anchor": "end" });
      label.textContent = n;
      svg.append(label);
    }
    found.bins.forEach(function (n, place) {
      if (!n) return;
      const at = new Date(begin + place * found.bin_s * 1000);
      svg.append(shape("rect", { class: n > limit ? "column over" : "column", x: left + place * wide + wide * 0.08, y: y(n), width: Math.max(1, wide * 0.84), height: height - foot - y(n) },
        anlan.date(at) + " " + anlan.clock(at) + " · " + t("{n} alarms", { n: n })));
    });
    svg.append(shape("line", { class: "limit", x1: left, x2: width, y1: y(limit), y2: y(limit) }));
    const whole = found.bin_s * found.bins.length * 1000, days = whole / 86400000;
    const every = days > 2 ? Math.ceil(days / 10) * 86400000 : whole / 8;
    for (let at = days > 2 ? anlan.startOfDay(anlan.date(begin + 86400000)).getTime() : begin; at < begin + whole; at += every) {
      const label = shape("text", { class: "axis", x: left + (at - begin) / whole * (width - left), y: height - 4 });
      label.textContent = days > 2 ? anlan.date(at).slice(5) : anlan.clock(at);
      svg.append(label);
    }
    box.replaceChildren(svg);
    put(anlan.byId("kpi-chart-title"), t("alarms in each {time}; line: {limit}", { time: exactly(found.bin_s), limit: anlan.number(limit, 0) }));
    box.setAttribute("aria-label", t("{n} alarms, at most {peak} in ten minutes", { n: found.rate.count, peak: found.rate.peak }));
  }

  function cells(node, texts) { texts.forEach(function (text, place) { put(node.children[place], text); }); }
  function line(count) { return function () { const node = el("tr"); for (let n = 0; n < count; n += 1) node.append(el(n ? "td.number" : "td")); return node; }; }
  function rowsOf(name, items, count, key, texts, nothing) {
    const body = anlan.byId("kpi-" + name + "-rows");
    anlan.sync(body, items.length ? items : [null], function (one) { return one ? key(one) : "nothing"; },
      function (one) { return one ? line(count)() : el("tr", {}, el("td.muted", { colSpan: count }, nothing)); },
      function (node, one) { if (one) cells(node, texts(one)); });
  }
  function tables() {
    rowsOf("answering", found.answering.slice(1).concat(found.answering[0]), 7, function (one) { return one.severity || "all"; }, function (one) {
      return [one.severity ? t("colour " + one.severity) : t("kpi all"), one.count, seconds(one.median_s), seconds(one.p95_s), one.limit_s === null ? "" : exactly(one.limit_s), percent(one.within), one.waiting || "·"];
    }, "");
    Array.from(anlan.byId("kpi-answering-rows").children).forEach(function (node) { const colour = COLOURS.find(function (one) { return node.anlanKey === one; }); anlan.cls(node.firstElementChild, colour ? "colour-" + colour : "strong"); });
    rowsOf("desks", found.desks, 8, function (one) { return one.desk || "-"; }, function (one) {
      return [one.desk ? anlan.nameOf(one) : t("no desk yet"), one.rate.count, anlan.number(one.rate.per_hour, 2), one.rate.peak, one.floods || "·", seconds(one.answering.median_s), percent(one.answering.within), one.uncalled || "·"];
    }, t("no alarm asked for anybody"));
    rowsOf("floods", found.floods.slice(0, 8), 4, function (one) { return one.begins; }, function (one) {
      return [anlan.date(one.begins) + " " + anlan.clock(one.begins), anlan.duration(one.seconds) + (one.ends ? "" : " · " + t("goes on")), one.alarms, one.peak];
    }, t("no flood of alarms"));
  }

  function items(name, list, text, weight) {
    const place = anlan.byId("kpi-" + name + "-list"), most = list.reduce(function (sum, one) { return Math.max(sum, weight(one)); }, 0);
    put(anlan.byId("kpi-" + name + "-count"), list.length || "");
    anlan.sync(place, list.length ? list.slice(0, 10) : [null], function (one) { return one ? one.alarm || one.source.source : "nothing"; },
      function (one) {
        if (!one) return el("li.muted", {}, t("kpi none"));
        return el("li", {}, el("i.weight"), el("a", { "data-part": "name" }), el("span.muted.small", { "data-part": "rule" }), el("b", { "data-part": "text" }));
      },
      function (node, one) {
        if (!one) return;
        const source = one.source, link = anlan.part(node, "name");
        anlan.fill(node, { name: anlan.nameOf(source), rule: anlan.texts["rule " + source.rule] || source.rule, text: text(one) });
        link.href = source.station ? anlan.link("/stations/" + encodeURIComponent(source.station)) : anlan.link("/?alarm=" + source.alarm);
        node.firstElementChild.style.width = (most ? Math.round(weight(one) / most * 100) : 0) + "%";
      });
  }
  function lists() {
    items("top", found.top, function (one) { return one.count + " · " + percent(one.share); }, function (one) { return one.count; });
    items("chattering", found.chattering, function (one) { return t("{n} turns in {m} bursts", { n: one.count, m: one.bursts }); }, function (one) { return one.count; });
    items("fleeting", found.fleeting, function (one) { return t("{n} times", { n: one.count }); }, function (one) { return one.count; });
    items("stale", found.stale, function (one) { return anlan.duration(one.seconds) + (one.until ? "" : " · " + t("still")); }, function (one) { return one.seconds; });
  }
  window.addEventListener("resize", function () { if (found && anlan.byId("kpi-chart")) chart(); });
})(window.anlan);
