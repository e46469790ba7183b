/* Forecasts in words: when a limit is reached, by what, how old. */
(function (anlan) {
  "use strict";
  const t = anlan.t;

  anlan.forecastSource = function (name) { return t("forecast source " + name); };

  anlan.leadTime = function (seconds) { return seconds < 3600 ? t("{n} min", { n: seconds / 60 }) : t("{n} h", { n: Math.round(seconds / 360) / 10 }); };

  function minutes(moment) { return Math.max(0, Math.round((new Date(moment) - anlan.now()) / 60000)); }

  /* "reaches guarantee 4.70 m in 40–70 min, likely 14:52" */
  anlan.crossingText = function (crossing, property) {
    const values = { limit: anlan.limitName(crossing.name) + " " + anlan.measure(crossing.value, property) };
    if (crossing.earliest) values.from = minutes(crossing.earliest);
    if (crossing.likely) values.at = anlan.clock(crossing.likely);
    if (crossing.latest) {
      values.to = minutes(crossing.latest);
      return t(values.from === values.to ? "reaches {limit} in {to} min, likely {at}" : "reaches {limit} in {from}–{to} min, likely {at}", values);
    }
    if (crossing.likely) return t("may reach {limit} from in {from} min, likely {at}", values);
    if (crossing.earliest) return t("stays below {limit}, range reaches it in {from} min", values);
    return t("stays below {limit} for 3 h", values);
  };

  /* The highest limit that is reached; else the next one above. */
  function telling(crossings) {
    const reached = crossings.filter(function (one) { return one.likely; });
    return reached[reached.length - 1] || crossings[0] || null;
  }

  /* What is said of one forecast, and on what it rests. */
  anlan.forecastText = function (one) {
    const crossing = telling(one.crossings), last = one.points[one.points.length - 1];
    if (crossing) return anlan.crossingText(crossing, one.property);
    return t("in {time} {value} ({low} to {high})", {
      time: anlan.leadTime((new Date(last.valid) - new Date(one.issued)) / 1000), value: anlan.measure(last.value, one.property),
      low: anlan.measure(last.low, one.property), high: anlan.measure(last.high, one.property),
    });
  };
  /* Limits that are reached before the one that is told: "warning 2.60 m about 12:58" */
  anlan.forecastBefore = function (one) {
    return one.crossings.filter(function (each) { return each.likely; }).slice(0, -1).map(function (each) {
      return t("{limit} about {at}", { limit: anlan.limitName(each.name) + " " + anlan.measure(each.value, one.property), at: anlan.clock(each.likely) });
    }).join(t("list comma"));
  };
  anlan.forecastBasis = function (one) {
    return t("by {source}, from {at}, {age}", { source: anlan.forecastSource(one.source), at: anlan.when(one.issued), age: anlan.age(one.issued) });
  };
})(window.anlan);
