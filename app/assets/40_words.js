/* Words, numbers and times as people read them. All texts come from the catalogues, through the page. */
window.anlan = window.anlan || {};
(function (anlan) {
  "use strict";
  anlan.texts = {};
  anlan.page = { language: "zh", zone: "Asia/Shanghai" };

  /* The text of a message id, its {names} filled in. */
  anlan.t = function (id, values) {
    const text = anlan.texts[id] || id;
    return values ? text.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? String(values[name]) : whole; }) : text;
  };

  /* A thing's name in the language of the page. */
  anlan.nameOf = function (row) {
    if (!row) return "";
    return (anlan.page.language === "en" && row.name_en) || row.name || row.code || "";
  };

  const formats = {};
  function parts(moment) {
    const zone = anlan.page.zone;
    if (!formats[zone]) {
      formats[zone] = new Intl.DateTimeFormat("en-GB", {
        timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
        second: "2-digit", hourCycle: "h23",
      });
    }
    const found = {};
    formats[zone].formatToParts(moment).forEach(function (part) { found[part.type] = part.value; });
    return found;
  }

  anlan.date = function (moment) { const p = parts(new Date(moment)); return p.year + "-" + p.month + "-" + p.day; };
  /* The moment at which a day (2026-07-01) begins in the county. */
  anlan.startOfDay = function (day) {
    const guess = new Date(day + "T00:00:00Z"), p = parts(guess);
    const shown = Date.UTC(Number(p.year), Number(p.month) - 1, Number(p.day), Number(p.hour), Number(p.minute), Number(p.second));
    return new Date(guess.getTime() - (shown - guess.getTime()));
  };
  anlan.clock = function (moment, seconds) {
    const p = parts(new Date(moment));
    return p.hour + ":" + p.minute + (seconds ? ":" + p.second : "");
  };
  /* The time alone if it was today, else with its date. */
  anlan.when = function (moment, seconds) {
    if (!moment) return "";
    const day = anlan.date(moment);
    return (day === anlan.date(anlan.now()) ? "" : day + " ") + anlan.clock(moment, seconds);
  };

  /* A time of today, or with month and day: for lines that have little room. */
  anlan.soon = function (moment) {
    const day = anlan.date(moment);
    return (day === anlan.date(anlan.now()) ? "" : day.slice(5) + " ") + anlan.clock(moment);
  };

  /* A time as a date field holds it, in the county's zone, and back again: this machine's zone may be another. */
  anlan.toLocal = function (moment) { return anlan.date(moment) + "T" + anlan.clock(moment); };
  anlan.fromLocal = function (text) {
    const wanted = new Date(text + "Z").getTime();
    const shown = function (at) { const p = parts(new Date(at)); return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute); };
    let at = wanted;
    for (let n = 0; n < 2; n++) at += wanted - shown(at);
    return new Date(at).toISOString();
  };

  /* The server's present moment in ms: this machine's clock may be wrong, the server's is what counts. */
  anlan.offset = 0;
  anlan.now = function () { return Date.now() + anlan.offset; };
  anlan.secondsSince = function (moment) { return Math.max(0, (anlan.now() - new Date(moment).getTime()) / 1000); };

  anlan.duration = function (seconds) {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return anlan.t("{n} s", { n: s });
    if (s < 3600) return anlan.t("{n} min", { n: Math.floor(s / 60) });
    if (s < 172800) return anlan.t("{h} h {m} min", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
    return anlan.t("{n} d", { n: Math.floor(s / 86400) });
  };
  /* Minutes and seconds: "1 min 52 s". */
  anlan.spell = function (seconds) {
    const s = Math.max(1, Math.round(seconds));
    if (s < 60) return anlan.t("{n} s", { n: s });
    return anlan.t("{m} min {s} s", { m: Math.floor(s / 60), s: s % 60 });
  };
  anlan.age = function (moment) {
    return moment ? anlan.t("{age} ago", { age: anlan.duration(anlan.secondsSince(moment)) }) : anlan.t("never");
  };
  /* 03:20, or 1:03:20 */
  anlan.timer = function (seconds) {
    const s = Math.max(0, Math.round(seconds)), two = function (n) { return String(n).padStart(2, "0"); };
    const minutes = Math.floor(s / 60);
    return minutes < 60 ? two(minutes) + ":" + two(s % 60) : Math.floor(minutes / 60) + ":" + two(minutes % 60) + ":" + two(s % 60);
  };

  /* [unit, decimals] of a property, as the server knows them. */
  function kindOf(property) { return (anlan.page.properties || {})[property] || ["", 2]; }
  anlan.unit = function (property) { return kindOf(property)[0]; };
  anlan.number = function (value, decimals) {
    if (value === null || value === undefined || !isFinite(value)) return "—";
    const text = Math.abs(value).toFixed(decimals === undefined ? 2 : decimals);
    const [whole, rest] = text.split(".");
    const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
    return (value < 0 && Number(text) !== 0 ? "−" : "") + grouped + (rest ? "." + rest : "");
  };
  anlan.measure = function (value, property) {
    const kind = kindOf(property);
    return anlan.number(value, kind[1]) + (kind[0] ? " " + kind[0] : "");
  };

  /* "over guarantee by 0.31 m", "0.20 m below flood limit" */
  anlan.against = function (value, limit, name, property) {
    if (value === null || value === undefined || limit === null || limit === undefined) return "";
    const values = { name: anlan.limitName(name), by: anlan.measure(Math.abs(value - limit), property) };
    if (Math.abs(value - limit) < 0.005) return anlan.t("at {name}", values);
    return anlan.t(value > limit ? "over {name} by {by}" : "{by} below {name}", values);
  };
  anlan.limitName = function (name) {
    const id = "limit " + name;
    return anlan.texts[id] || name || anlan.t("limit");
  };

  anlan.RANK = { red: 4, orange: 3, yellow: 2, blue: 1 };
  anlan.rank = function (severity) { return anlan.RANK[severity] || 0; };
})(window.anlan);
