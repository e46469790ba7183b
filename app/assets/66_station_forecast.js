/* The forecast of the level that is shown: one sentence, what it rests on, how old it is, how good such ones were. */
(function (anlan) {
  "use strict";
  const t = anlan.t, byId = anlan.byId, here = anlan.stationPage, LEVELS = ["water_level", "tide_level"];
  let found = null, skill = null, fault = "", reading = false;

  here.beginForecast = function () {
    found = null; skill = null; fault = "";
    byId("forecast-skill").href = anlan.link("/forecasts?station=" + encodeURIComponent(anlan.page.station));
    read();
  };

  function query() { return anlan.page.exercise ? "exercise=" + encodeURIComponent(anlan.page.exercise) : ""; }
  async function read() {
    if (reading || !here.code) return;
    reading = true;
    const code = encodeURIComponent(here.code);
    try {
      found = await anlan.api("GET", "/stations/" + code + "/forecast?" + query());
      if (!skill) skill = await anlan.api("GET", "/forecasts/skill?days=30&station=" + code + "&" + query());
      fault = "";
    } catch (error) { fault = error.message; }
    reading = false;
    paint();
  }

  function paint() {
    const box = byId("station-forecast"), s = here.series;
    if (!box) return;
    const level = Boolean(s && LEVELS.includes(s.property) && !s.period_s);
    anlan.show(box, level && (found !== null || Boolean(fault)));
    if (!level || (found === null && !fault)) return;
    const own = (found || []).filter(function (one) { return one.property === s.property && one.sensor === s.sensor; });
    const now = anlan.now(), shown = own.find(function (one) { return one.shown && new Date(one.current_until) > now; });
    const last = own.slice().sort(function (a, b) { return new Date(b.issued) - new Date(a.issued); })[0];
    const reached = Boolean(shown && shown.crossings.some(function (one) { return one.likely; }));
    anlan.cls(box, "station-forecast" + (reached ? " rises" : ""));
    anlan.fill(box, shown
      ? { said: anlan.forecastText(shown), before: anlan.forecastBefore(shown), basis: anlan.forecastBasis(shown), skill: goodness(shown) }
      : { said: fault || t(last ? "forecast is too old" : "no forecast"), before: "", basis: fault ? "" : last ? anlan.forecastBasis(last) : t("no forecast hint"), skill: "" });
  }
  function goodness(one) {
    const hour = (skill || []).find(function (each) { return each.source === one.source && each.lead_s === 3600; });
    return hour && hour.count >= 20 ? t("error after 1 h {by} in 30 days", { by: anlan.measure(hour.mean_absolute, one.property) }) : "";
  }

  here.readForecast = read;
  let ticks = 0;
  anlan.onTick(function () {
    if (!byId("station-forecast")) return;
    ticks += 1;
    if (ticks % 60 === 0) read(); else if (ticks % 5 === 0) paint();
  });
})(window.anlan);
