/* Stations, alarms and orders as the pages speak of them, from what the pushes hold. */
(function (anlan) {
  "use strict";
  const LEVELS = ["water_level", "tide_level"];
  let index = null;

  anlan.onChange(function (changed) { if (changed.has("latest") || changed.has("alarms") || changed.has("stations")) index = null; });

  function indexed() {
    if (index) return index;
    index = { readings: new Map(), alarms: new Map() };
    anlan.list("latest").forEach(function (row) {
      const list = index.readings.get(row.station) || [];
      list.push(row);
      index.readings.set(row.station, list);
    });
    anlan.list("alarms").forEach(function (row) {
      if (!row.station || row.class === "equipment") return;
      const known = index.alarms.get(row.station);
      if (!known || anlan.rank(row.severity) > anlan.rank(known.severity)) index.alarms.set(row.station, row);
    });
    return index;
  }

  /* The series by which a station is judged: its level, else its rain, else whatever it sends. */
  anlan.mainReading = function (station) {
    const list = indexed().readings.get(station) || [];
    return list.find(function (row) { return LEVELS.includes(row.property) && row.sensor === 1; })
      || list.filter(function (row) { return row.property === "rainfall"; }).sort(function (a, b) { return a.total_s - b.total_s; })[0]
      || list[0] || null;
  };
  anlan.isLevel = function (row) { return Boolean(row) && LEVELS.includes(row.property); };
  anlan.alarmAt = function (station) { return indexed().alarms.get(station) || null; };

  /* What a reading is: "" normal, stale, missing, suspect, unset, refused (its limits stand over another datum),
     off (out of service). None of them looks like another. */
  anlan.stateOf = function (station, row) {
    if (station && station.out_of_service) return "off";
    if (!row || row.usable_time === null && row.value === null) return "missing";
    const age = anlan.secondsSince(row.time), period = Math.max(300, row.period_s || 300);
    if (age > 86400) return "missing";
    if (row.quality === 3 || row.quality === 4) return "suspect";
    if (age > 3 * period) return "stale";
    if (row.refused) return "refused";
    if (row.unset) return "unset";
    return "";
  };
  const SAID = { stale: "reading state stale", missing: "reading state missing", off: "state out_of_service", suspect: "to be verified", unset: "no limit set", refused: "limits of another datum" };
  anlan.stateText = function (state) { return SAID[state] ? anlan.t(SAID[state]) : ""; };

  anlan.severityAt = function (station, row) {
    const alarm = anlan.alarmAt(station), off = (anlan.model.stations.get(station) || {}).out_of_service;
    const reached = row && !off && row.reached && anlan.isLevel(row) && !["stale", "missing"].includes(anlan.stateOf(null, row)) ? row.reached.severity : null;
    const raised = alarm ? alarm.severity : null;
    return anlan.rank(raised) >= anlan.rank(reached) ? raised : reached;
  };

  /* Reached, it says how far it still is to the limit that counts: "0.45 m below warning". */
  const APPROACH = ["near_warning"];
  function limitAbove(station, property, value) {
    const known = anlan.model.stations.get(station);
    return ((known && known.thresholds) || []).filter(function (one) {
      return one.comparable && !one.period_s && one.property === property && one.value > value && !APPROACH.includes(one.name);
    }).sort(function (a, b) { return a.value - b.value; })[0] || null;
  }
  function standingAt(station, property, value, limit, name) {
    const above = APPROACH.includes(name) ? limitAbove(station, property, limit) : null;
    return above ? anlan.against(value, above.value, above.name, property) : anlan.against(value, limit, name, property);
  }

  /* "over guarantee by 0.31 m", else the value with what is next above it. */
  anlan.standing = function (row) {
    if (!row) return "";
    if (row.property === "rainfall") return anlan.rainOfHour(row);
    if (row.reached) return standingAt(row.station, row.property, row.usable_value, row.reached.value, row.reached.name);
    return anlan.measure(row.usable_value, row.property);
  };
  /* The hour's sum comes a moment after its reading; one that stays behind says of when it is. */
  anlan.rainOfHour = function (row) {
    if (row.mm_1h === null || row.mm_1h === undefined) return "";
    const behind = (new Date(row.time) - new Date(row.sums_time)) / 1000 > Math.max(900, 2 * (row.total_s || 0));
    return anlan.t("{mm} mm in 1 h", { mm: anlan.number(row.mm_1h, 1) }) + (behind ? " · " + anlan.age(row.sums_time) : "");
  };
  anlan.toNext = function (row) {
    return row && row.next ? anlan.against(row.usable_value, row.next.value, row.next.name, row.property) : "";
  };
  anlan.trend = function (row) {
    if (!row || row.trend_per_h === null || row.trend_per_h === undefined) return "";
    if (row.trend_code === 6) return anlan.t("steady");
    const said = anlan.number(Math.abs(row.trend_per_h), 2) + " m/h " + (row.trend_code === 5 ? "↑" : "↓");
    return row.trend_suspect ? said + " " + anlan.t("to be verified") : said;
  };

  /* The town that an area belongs to; the area itself where it belongs to none. */
  anlan.townOf = function (code) {
    if (!towns) towns = new Map((anlan.page.home.areas || []).map(function (one) { return [one.code, one]; }));
    for (let one = towns.get(code); one; one = towns.get(one.parent)) if (one.kind === "town") return one;
    return towns.get(code) || null;
  };
  let towns = null;

  /* The vertical datum as the reader's language writes it; an owner's own name as it is. */
  anlan.datum = function (name) { return name ? anlan.texts["datum " + name] || name : ""; };
  /* A typhoon by its name; the word is not said twice. */
  anlan.typhoonName = function (row) {
    const name = anlan.nameOf(row), word = anlan.t("typhoon");
    return name.toLowerCase().includes(word.toLowerCase()) ? name : word + " " + name;
  };
  /* Who did it, for people: rules act by their own name, so their code says nothing here. */
  anlan.actor = function (name) { return name && !/^(rule:|device\/|centre$|dispatch$)/.test(name) ? name : ""; };

  anlan.areaName = function (row) { return (anlan.page.language === "en" && row.area_name_en) || row.area_name || ""; };
  anlan.subjectName = function (row) { return (anlan.page.language === "en" && row.subject_name_en) || row.subject_name || row.subject; };

  anlan.isUnacknowledged = function (row) { return row.state === "unacknowledged" || row.state === "returned_unacknowledged"; };

  /* How it stands now: the station's own reading where there is one, else what last moved the alarm. What
     is to be verified stands with the value that raised it: no good value has taken its place yet. */
  anlan.alarmValue = function (row) {
    const reading = row.station && !row.to_verify ? anlan.mainReading(row.station) : null;
    return reading && reading.property === row.property && reading.usable_value !== null ? reading.usable_value : row.value;
  };
  /* By how much it is over its limit, or what else is the matter. */
  anlan.alarmBy = function (row) {
    const value = anlan.alarmValue(row);
    return value !== null && row.threshold !== null && row.severity
      ? standingAt(row.station, row.property, value, row.threshold, row.threshold_name)
      : row.returned_at ? anlan.t("back below its limits") : row.property ? "" : anlan.t("class " + row.class);
  };
  /* The title of an alarm: the thing, what is measured, and by how much. */
  anlan.alarmTitle = function (row) {
    if (row.title) return row.title[anlan.page.language] || row.title.zh || anlan.subjectName(row);
    const by = anlan.alarmBy(row);
    return anlan.thing(anlan.subjectName(row), by ? row.property : null, by) || anlan.subjectName(row);
  };
  /* Name, property and standing in the order of the language. */
  anlan.thing = function (name, property, by) {
    return anlan.t("{name} {property} {by}", { name: name, property: property ? anlan.t("property " + property) : "", by: by }).replace(/ +/g, " ").trim();
  };
  anlan.alarmNote = function (row) {
    const notes = [anlan.when(row.raised_at) + " · " + anlan.duration(anlan.secondsSince(row.raised_at))];
    const reading = row.station ? anlan.mainReading(row.station) : null;
    if (reading && reading.property === row.property) notes.push(anlan.trend(reading));
    if (row.to_verify) notes.push(anlan.t("to be verified"));
    if (row.uncalled && anlan.isUnacknowledged(row)) notes.push(anlan.t("nobody on duty was found to call"));
    if (anlan.isSilenced(row)) notes.push(anlan.t("silenced by {name} until {time}", { name: row.silence.by, time: anlan.soon(row.silence.until) }));
    notes.push(anlan.nextCall(row));
    if (row.acknowledged_by) notes.push(anlan.t("acknowledged by {name} {time}", { name: row.acknowledged_by, time: anlan.when(row.acknowledged_at) }));
    if (row.state === "latched") notes.push(anlan.t("stands until it is reset"));
    if (row.state === "suppressed") notes.push(anlan.suppressedWhy(row));
    if (row.state === "out_of_service") notes.push(row.service_until ? anlan.t("out of service until {time}", { time: anlan.when(row.service_until) }) : anlan.t("state out_of_service"));
    if (row.state === "shelved" && row.shelved_until) notes.push(anlan.t("shelved until {time}", { time: anlan.when(row.shelved_until) }));
    return notes.filter(Boolean).join(" · ");
  };
  /* When people are called for it next, and for what that waits. */
  anlan.nextCall = function (row) {
    if (!anlan.isUnacknowledged(row) || anlan.isSilenced(row)) return "";
    const ahead = function (moment) { return moment && new Date(moment).getTime() > anlan.now(); };
    if (row.call_waits) return ahead(row.call_waits.at) ? anlan.t("call waits " + row.call_waits.why, { time: anlan.soon(row.call_waits.at) }) : "";
    const again = (row.orders || []).map(function (id) { return anlan.model.orders.get(String(id)); })
      .filter(function (order) { return order && order.state === "issued" && ahead(order.repeat_at); })
      .map(function (order) { return order.repeat_at; }).sort()[0];
    return again ? anlan.t("called again at {time}", { time: anlan.soon(again) }) : "";
  };
  anlan.isSilenced = function (row) { return Boolean(row.silence) && new Date(row.silence.until).getTime() > anlan.now() && anlan.isUnacknowledged(row); };
  /* What explains an alarm that is suppressed by design. */
  anlan.suppressedWhy = function (row) {
    const number = /^alarm:(\d+)$/.exec(row.suppressed_by || ""), source = number ? anlan.model.alarms.get(number[1]) : null;
    return source ? anlan.t("explained by {what}", { what: anlan.alarmTitle(source) }) : anlan.t("state suppressed");
  };
  anlan.alarmOrder = function (a, b) {
    return anlan.rank(b.severity) - anlan.rank(a.severity)
      || Number(anlan.isUnacknowledged(b)) - Number(anlan.isUnacknowledged(a))
      || String(b.raised_at).localeCompare(String(a.raised_at)) || b.id - a.id;
  };

  const ANSWERED = ["answered", "acted"], ARRIVED = ["delivered"], LOST = ["failed", "withheld", "rejected", "expired"];
  /* How far the persons of an order are: {answered, delivered, going, failed, total}. */
  anlan.progress = function (order) {
    const found = { answered: order.answered || 0, delivered: 0, going: 0, failed: 0, total: order.people || 0 };
    const states = (order.deliveries || {}).sms || {};
    Object.keys(states).forEach(function (state) {
      if (ANSWERED.includes(state)) return;
      found[ARRIVED.includes(state) ? "delivered" : LOST.includes(state) ? "failed" : "going"] += states[state];
    });
    return found;
  };
  /* What is the matter with a device now: it is away, or says far more than its share. */
  anlan.deviceTrouble = function (row) {
    if (!row) return "";
    if (!row.online) return anlan.t("offline");
    return row.babbling_at && anlan.secondsSince(row.babbling_at) < 300 ? anlan.t("babbling") : "";
  };
  /* Screens and loudspeakers of an order: how many show or have played, of how many. */
  anlan.devicesOf = function (order, channel) {
    const states = (order.deliveries || {})[channel] || {};
    let done = 0, total = 0;
    Object.keys(states).forEach(function (state) {
      total += states[state];
      if (["showing", "playing", "done", "cleared"].includes(state)) done += states[state];
    });
    return { done: done, total: total };
  };
  anlan.paintBar = function (bar, progress) {
    ["answered", "delivered", "going", "failed"].forEach(function (name) {
      const piece = bar.querySelector("." + name);
      if (piece) piece.style.width = (progress.total ? 100 * Math.min(1, progress[name] / progress.total) : 0).toFixed(1) + "%";
    });
  };

  /* Typhoon: where it is, how strong, how it moves, when it is nearest. */
  const BEAUFORT = [0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7, 37.0, 41.5, 46.2, 51.0, 56.1, 61.3];
  anlan.force = function (ms) { return BEAUFORT.filter(function (from) { return ms >= from; }).length; };
  anlan.kilometres = function (a, b) {
    const rad = Math.PI / 180, x = Math.sin((b.lat - a.lat) * rad / 2), y = Math.sin((b.lon - a.lon) * rad / 2);
    const h = x * x + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * y * y;
    return 2 * 6371 * Math.asin(Math.sqrt(h));
  };
  anlan.compass = function (degrees) { return anlan.t("direction " + (Math.round((((degrees % 360) + 360) % 360) / 45) % 8)); };
  anlan.nearest = function (here, fixes) {
    let best = null;
    for (let i = 0; i + 1 < fixes.length; i++) {
      const a = fixes[i], b = fixes[i + 1], from = new Date(a.time).getTime(), to = new Date(b.time).getTime();
      for (let step = 0; step <= 12; step++) {
        const part = step / 12, at = { lon: a.lon + (b.lon - a.lon) * part, lat: a.lat + (b.lat - a.lat) * part };
        const km = anlan.kilometres(here, at);
        if (!best || km < best.km) best = { km: km, time: from + (to - from) * part };
      }
    }
    return best;
  };

  /* Shows a camera's last picture in the node's <img> once it is loaded; none for a camera without one. */
  anlan.cameraPicture = function (node, row) {
    const image = node.querySelector("img");
    const wanted = row && row.picture_url ? row.picture_url + (anlan.page.exercise ? "&exercise=" + encodeURIComponent(anlan.page.exercise) : "") : "";
    if (node.anlanWanted === wanted) return;
    node.anlanWanted = wanted;
    if (!wanted) { image.hidden = true; image.removeAttribute("src"); return; }
    const next = new Image();
    next.onload = function () { if (node.anlanWanted === wanted) { image.src = wanted; image.alt = anlan.nameOf(row); image.hidden = false; } };
    next.src = wanted;
  };
})(window.anlan);
