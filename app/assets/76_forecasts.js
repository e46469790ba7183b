/* Forecasts: levels that reach a limit soon, and how good such words have been, by source and lead time. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t, byId = anlan.byId, put = anlan.put, MEANT = 0.8;
  let coming = null, skill = null, fault = "", days = 30, station = "", ask = null;

  anlan.pageScript("forecasts", function () {
    coming = null; skill = null; fault = "";
    const asked = new URLSearchParams(window.location.search), choice = byId("skill-station"), buttons = byId("skill-days");
    station = asked.get("station") || "";
    if (buttons.querySelector('[data-days="' + Number(asked.get("days")) + '"]')) days = Number(asked.get("days"));
    buttons.querySelectorAll("button").forEach(function (one) { one.setAttribute("aria-pressed", String(Number(one.dataset.days) === days)); });
    anlan.choice(buttons, "days", function (value) { days = Number(value); moved(); });
    choice.addEventListener("change", function () { station = choice.value; moved(); });
    ask = anlan.every(function () { return 30; }, read);
    ask();
  });

  function moved() {
    const address = new URL(window.location.href);
    address.searchParams.set("days", days);
    if (station) address.searchParams.set("station", station); else address.searchParams.delete("station");
    window.history.replaceState(window.history.state, "", address);
    skill = null;
    paint();
    ask();
  }
  async function read() {
    const of = days + station;
    try {
      const answers = await Promise.all([
        anlan.api("GET", anlan.link("/forecasts")),
        anlan.api("GET", anlan.link("/forecasts/skill?days=" + days + (station ? "&station=" + encodeURIComponent(station) : ""))),
      ]);
      if (of !== days + station) return;
      coming = answers[0]; skill = answers[1]; fault = "";
    } catch (error) { fault = error.message; }
    paint();
  }

  function paint() { if (byId("skill-rows")) { paintStations(); paintComing(); paintSkill(); } }

  /* Stations that have a level; the chosen one even if it is not known here. */
  function paintStations() {
    const choice = byId("skill-station"), known = [...anlan.model.stations.values()]
      .filter(function (one) { return ["ZZ", "ZQ", "RR", "DD", "TT"].includes(one.kind); })
      .sort(function (a, b) { return anlan.nameOf(a).localeCompare(anlan.nameOf(b), anlan.page.language); });
    const key = known.map(function (one) { return one.code; }).join() + "/" + station;
    if (choice.anlanKey === key) return;
    choice.anlanKey = key;
    const codes = known.map(function (one) { return one.code; });
    choice.replaceChildren(el("option", { value: "" }, t("all stations")), ...known.map(function (one) { return el("option", { value: one.code }, anlan.nameOf(one)); }));
    if (station && !codes.includes(station)) choice.append(el("option", { value: station }, station));
    choice.value = station;
  }

  function paintComing() {
    const rows = coming || [], none = byId("coming-none");
    put(byId("coming-count"), coming && rows.length ? String(rows.length) : "");
    anlan.show(none, !rows.length);
    put(none, fault || (coming ? t("no limit within three hours") : t("loading")));
    anlan.sync(byId("coming-list"), rows, function (row) { return row.station + row.property; },
      function (row) {
        return el("li", {}, el("a", { href: anlan.link("/stations/" + encodeURIComponent(row.station)) },
          el("span.pill", { "data-part": "colour" }), el("b", { "data-part": "name" }), el("span.muted", { "data-part": "level" })),
        el("div.said", { "data-part": "said" }), el("div.course", { title: t("from now to three hours") }, el("i.range", { "data-part": "range" }), el("i.likely", { "data-part": "likely" })), el("div.muted.small", { "data-part": "basis" }));
      },
      function (node, row) {
        anlan.fill(node, { colour: t("colour " + row.crossing.severity), name: anlan.nameOf(row), level: anlan.measure(row.level, row.property),
          said: anlan.crossingText(row.crossing, row.property), basis: anlan.forecastBasis(row) });
        anlan.cls(anlan.part(node, "colour"), "pill " + row.crossing.severity);
        course(node, row.crossing);
      });
  }

  /* From the earliest to the latest moment on a line of three hours; open to the right where it may not be reached. */
  function course(node, crossing) {
    const range = anlan.part(node, "range"), place = function (moment) { return Math.min(100, Math.max(0, (new Date(moment) - anlan.now()) / 108000)); };
    range.style.left = place(crossing.earliest) + "%";
    range.style.right = (crossing.latest ? 100 - place(crossing.latest) : 0) + "%";
    anlan.cls(range, "range " + crossing.severity + (crossing.latest ? "" : " open"));
    anlan.part(node, "likely").style.left = place(crossing.likely) + "%";
  }
  function paintSkill() {
    const rows = skill || [], none = byId("skill-none");
    anlan.show(byId("skill-table"), rows.length > 0);
    anlan.show(none, !rows.length);
    put(none, fault || (skill ? t("no forecast was scored") : t("loading")));
    anlan.sync(byId("skill-rows"), rows, function (row) { return row.source + row.lead_s; },
      function () {
        return el("tr", {}, ...["source", "lead", "error", "unchanged", "bias"].map(function (name) { return el("td", { "data-part": name }); }),
          el("td", {}, el("span.share", {}, el("i.bar", { "data-part": "bar" }), el("i.meant")), " ", el("span", { "data-part": "within" })),
          el("td", { "data-part": "count" }));
      },
      function (node, row, index) {
        const first = index === 0 || rows[index - 1].source !== row.source, better = row.unchanged > 0 ? 1 - row.mean_absolute / row.unchanged : 0;
        anlan.fill(node, {
          source: first ? anlan.forecastSource(row.source) : "",
          lead: anlan.leadTime(row.lead_s), error: anlan.number(row.mean_absolute, 3) + " m",
          unchanged: anlan.number(row.unchanged, 3) + " m · " + t(better >= 0 ? "{n} % better" : "{n} % worse", { n: Math.abs(Math.round(100 * better)) }),
          bias: (row.bias > 0 ? "+" : "") + anlan.number(row.bias, 3) + " m", within: Math.round(100 * row.within) + " %",
          count: t("{n} at {m} stations", { n: row.count, m: row.series }),
        });
        anlan.cls(node, first && index ? "next-source" : "");
        anlan.part(node, "bar").style.width = Math.round(100 * row.within) + "%";
        node.querySelector(".meant").style.left = 100 * MEANT + "%";
      });
  }
  let ticks = 0;
  anlan.onTick(function () { ticks += 1; if (byId("coming-list") && ticks % 5 === 0) paint(); });
})(window.anlan);
