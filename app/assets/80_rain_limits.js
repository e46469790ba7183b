/* Rain limits of hamlets at risk and of towns: who is nearest to moving, by which window, on what soil. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, MOST = 40;
  let shown = false, found = null, fault = "";

  const ask = anlan.every(function () { return 30; }, async function () {
    if (!shown || !anlan.byId("rain-limit-rows")) return;
    try { found = await anlan.api("GET", anlan.link("/rain/limits")); fault = ""; } catch (error) { fault = error.message; }
    paint();
  });

  /* The tab of the areal rain says whether the limits are looked at. */
  anlan.rainLimits = function (on) {
    shown = on;
    anlan.show(anlan.byId("area-rain-means"), !on);
    anlan.show(anlan.byId("area-rain-limits"), on);
    if (on) ask();
  };

  function reached(one) { return one.limits.find(function (level) { return level.mm !== null && level.mm >= level.limit_mm; }) || null; }
  function soil(one) {
    if (!one.soil) return "";
    const s = one.soil;
    return t("soil " + s.state) + " (" + (s.source === "antecedent" ? t("soil antecedent {mm} mm of {n} days", { mm: anlan.number(s.value, 0), n: s.days }) : s.source === "moisture" ? t("soil moisture {share} %", { share: anlan.number(s.value, 0) }) : t("soil assumed")) + ")";
  }

  function paint() {
    const list = (found || []).slice(0, MOST), none = anlan.byId("rain-limits-none");
    anlan.show(none, !list.length);
    if (!list.length) put(none, fault || (found ? t("no rain limits") : t("loading")));
    anlan.sync(anlan.byId("rain-limit-rows"), list, function (one) { return one.kind + one.area; }, function () {
      return el("li", {}, el("div.first", {}, el("strong", { "data-part": "name" }), el("span.pill", { "data-part": "pill" })), el("div.bar", {}, el("i")), el("div.muted.small", { "data-part": "note" }));
    }, function (node, one) {
      const level = one.limits[0], over = reached(one), share = level && level.mm !== null ? level.mm / level.limit_mm : 0, town = one.kind === "town" ? null : anlan.townOf(one.area);
      const gone = !level || level.mm === null;
      anlan.cls(node, over ? over.severity : gone ? "silent" : "");
      anlan.cls(anlan.part(node, "pill"), "pill " + (over ? over.severity : ""));
      const bar = node.querySelector("i");
      bar.style.width = Math.min(100, Math.round(share * 100)) + "%";
      anlan.cls(bar, over ? over.severity : "going");
      anlan.fill(node, {
        name: [town ? anlan.nameOf(town) : "", anlan.nameOf(one)].filter(Boolean).join(" · "),
        pill: over ? t("rain limit " + over.severity) : gone ? t("no new rain values") : Math.floor(share * 100) + "%",
        note: gone ? soil(one) : [t("{hours} h {measure} {mm} of {limit} mm to {action}", { hours: level.window_s / 3600, measure: t("rain measure " + level.measure), mm: (level.coverage < 0.995 ? "≥" : "") + anlan.number(level.mm, 1), limit: anlan.number(level.limit_mm, 0), action: t("rain limit " + level.severity) }), soil(one), anlan.age(level.time)].filter(Boolean).join(" · "),
      });
    });
  }
})(window.anlan);
