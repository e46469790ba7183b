/* A back-test on a page: asks for it, shows how far it is, and draws what came out, before and after a change. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, SVG = "http://www.w3.org/2000/svg", COLOURS = ["none", "blue", "yellow", "orange", "red"];

  function shape(tag, attributes, text) {
    const node = document.createElementNS(SVG, tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  /* Asks and waits; `told(state)` hears of the progress. Gives the finished back-test; null if it was cancelled. */
  anlan.runBacktest = async function (body, told) {
    let found = await anlan.api("POST", "/backtests", body);
    const wait = { cancelled: false, id: found.id };
    told(found, async function () { wait.cancelled = true; try { await anlan.api("POST", "/backtests/" + found.id + "/cancel", {}); } catch (error) { /* it is over already */ } });
    while (found.state === "waiting" || found.state === "running") {
      await new Promise(function (go) { window.setTimeout(go, 400); });
      if (wait.cancelled) return null;
      found = await anlan.api("GET", "/backtests/" + found.id);
      told(found, null);
    }
    if (found.state === "failed") throw new Error(found.fault);
    return found.state === "done" ? found : null;
  };

  /* A bar with its text and a button that stops it. */
  anlan.backtestProgress = function (box) {
    const bar = el("i"), text = el("span", { role: "status" }), stop = el("button", { type: "button" }, t("stop"));
    let cancel = null;
    stop.addEventListener("click", function () { if (cancel) cancel(); });
    box.replaceChildren(el("div.backtest-progress", {}, el("div.bar", {}, bar), text, stop));
    return function (found, way) {
      if (way) cancel = way;
      bar.style.width = Math.round(found.progress * 100) + "%";
      put(text, t(found.state === "waiting" ? "back-test waits" : "{n} readings, {part} %", { n: found.readings.toLocaleString("en-US"), part: Math.round(found.progress * 100) }));
    };
  };

  /* Everything of a result: the figures of both sides, the months, what a change takes away. */
  anlan.drawBacktest = function (box, result) {
    const sides = [["now", result.now]].concat(result.changed ? [["changed", result.changed]] : []);
    const parts = [figures(result, sides), months(result, sides)];
    if (result.without_limits.length) parts.push(el("p.muted.small", {}, t("{n} stations have no limits and can raise nothing", { n: result.without_limits.length })));
    if (result.difference) parts.push(difference(result.difference));
    parts.push(episodes(result));
    parts.push(el("p.muted.small", {}, t("{n} readings of {m} stations, {from} to {to}", { n: result.readings.toLocaleString("en-US"), m: result.stations, from: anlan.date(result.begin), to: anlan.date(result.end) }) + " · " + t(result.calls_at_most ? "equipment back-test assumes" : "back-test assumes")));
    box.replaceChildren.apply(box, parts);
  };

  function figures(result, sides) {
    const rows = [
      ["alarms", function (one) { return one.alarms; }],
      ["by colour", function (one) { return COLOURS.slice().reverse().filter(function (c) { return one.by_severity[c]; }).map(function (c) { return t("colour " + c) + " " + one.by_severity[c]; }).join(" · ") || "—"; }],
      ["alarmed for", function (one) { return one.alarms ? anlan.duration(one.duration_s) : "—"; }],
      ["longest", function (one) { return one.longest ? anlan.duration(one.longest.seconds) + " · " + anlan.stationName(one.longest.station) + " " + anlan.date(one.longest.started) : "—"; }],
      ["chattering and fleeting", function (one) { return one.chattering + " · " + one.fleeting; }],
      ["calls", function (one) { return result.calls_at_most ? t("at most {n}, what hides is not replayed", { n: one.load.calls }) : one.load.calls; }],
      ["calls an hour", function (one) { return one.load.per_hour.toFixed(3) + " " + t("(target 6, most 12)"); }],
      ["most calls in 10 min", function (one) { return one.load.peak_10_min + (one.load.peak_at ? " · " + anlan.date(one.load.peak_at) + " " + anlan.clock(one.load.peak_at) : "") + " " + t("(most 10)"); }],
      ["alarm floods", function (one) { return one.load.floods + (one.load.floods ? " · " + anlan.duration(one.load.flood_s) : ""); }],
      ["load of the desk", function (one) { return t("load " + one.load.verdict); }],
    ];
    const head = el("tr", {}, el("th"));
    sides.forEach(function (side) { head.append(el("th", { scope: "col" }, t(result.calls_at_most ? "rule as it stands" : "limits " + side[0]))); });
    const body = el("tbody");
    rows.forEach(function (row) {
      const line = el("tr", {}, el("th", { scope: "row" }, t("backtest " + row[0])));
      sides.forEach(function (side) { line.append(el("td", {}, String(row[1](side[1])))); });
      body.append(line);
    });
    return el("table.table.figures", {}, el("thead", {}, head), body);
  }

  /* Alarms by month, one bar for each side, stacked by colour. */
  function months(result, sides) {
    const names = [], begin = new Date(result.begin), end = new Date(result.end);
    for (let at = new Date(Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth(), 15)); at <= end || at.getUTCMonth() === end.getUTCMonth() && at.getUTCFullYear() === end.getUTCFullYear(); at.setUTCMonth(at.getUTCMonth() + 1)) names.push(at.toISOString().slice(0, 7));
    const most = Math.max(1, ...sides.map(function (side) { return Math.max(0, ...names.map(function (name) { return total(side[1].by_month[name]); })); }));
    const width = 640, height = 190, left = 34, floor = height - 24, step = (width - left) / names.length, bar = Math.min(22, step * 0.8 / sides.length);
    const picture = shape("svg", { viewBox: "0 0 " + width + " " + height, class: "months", role: "img", "aria-label": t("alarms by month") });
    const ticks = Array.from(new Set([most, Math.round(most / 2)])).filter(Boolean);
    ticks.forEach(function (value) {
      const y = floor - (floor - 12) * value / most;
      picture.append(shape("line", { x1: left, x2: width, y1: y, y2: y, class: "grid" }), shape("text", { x: left - 6, y: y + 4, class: "tick end" }, value));
    });
    picture.append(shape("line", { x1: left, x2: width, y1: floor, y2: floor, class: "floor" }));
    names.forEach(function (name, index) {
      const middle = left + step * (index + 0.5);
      if (names.length <= 13 || index % 2 === 0) picture.append(shape("text", { x: middle, y: height - 6, class: "tick middle" }, name.slice(2)));
      sides.forEach(function (side, number) {
        const counted = side[1].by_month[name] || {}, x = middle + (number - sides.length / 2) * bar + 1;
        let y = floor;
        COLOURS.forEach(function (colour) {
          if (!counted[colour]) return;
          const tall = (floor - 12) * counted[colour] / most;
          y -= tall;
          const block = shape("rect", { x: x, y: y, width: bar - 2, height: tall, class: "block " + colour + (number ? " tried" : "") });
          block.append(shape("title", {}, name + " · " + t("limits " + side[0]) + " · " + t("colour " + colour) + " " + counted[colour]));
          picture.append(block);
        });
      });
    });
    const legend = el("div.months-legend.muted.small", {}, t("alarms by month"));
    if (sides.length > 1) legend.append(el("span", {}, el("i"), t("limits now")), el("span", {}, el("i.tried"), t("limits changed")));
    return el("div.months-box", {}, legend, picture);
  }
  function total(counted) { return COLOURS.reduce(function (sum, colour) { return sum + ((counted || {})[colour] || 0); }, 0); }

  function line(one, becomes) {
    return el("li", {}, el("span.pill." + (one.highest || "plain"), {}, t("colour " + (one.highest || "none"))), becomes ? " → " + t("colour " + becomes) : "", " ", el("b", {}, anlan.stationName(one.station)), " ", anlan.date(one.started) + " " + anlan.clock(one.started),
      el("span.muted", {}, " · " + (one.ended ? anlan.duration(one.seconds) : t("still stood at the end")) + " · " + about(one)));
  }
  function about(one) {
    if (one.limit === "station") return t("the whole station");
    const property = anlan.texts["property " + one.limit];
    if (!property) return anlan.limitName(one.limit) + (one.peak === null ? "" : " · " + t("highest {value}", { value: anlan.number(one.peak, 2) }));
    return property + (one.peak === null ? "" : " · " + t("lowest {value}", { value: anlan.number(one.peak, 2) }));
  }
  anlan.drawGone = function (found) { return difference(found); };
  function difference(found) {
    const box = el("div.gone", {}, el("b", {}, t("gone {gone}, milder {milder}, new {added}", { gone: found.gone_count, milder: found.milder_count, added: found.added_count === undefined ? 0 : found.added_count })));
    const list = el("ol");
    found.gone.slice(0, 20).forEach(function (one) { list.append(line(one)); });
    found.milder.slice(0, 20).forEach(function (one) { list.append(line(one, one.becomes)); });
    if (list.children.length) box.append(el("div.muted.small", {}, t("these would not have been heard so")), list);
    return box;
  }
  function episodes(result) {
    const of = result.changed || result.now;
    if (!of.episodes.length) return el("p.muted", {}, t("no alarm in this range"));
    const list = el("ol");
    of.episodes.slice(0, 50).forEach(function (one) { list.append(line(one)); });
    return el("details.episodes", {}, el("summary", {}, t("the {n} worst alarms", { n: Math.min(50, of.episodes.length) })), list);
  }

  anlan.stationName = function (code) {
    const known = anlan.model.stations.get(code);
    return known ? anlan.nameOf(known) : code;
  };
})(window.anlan);
