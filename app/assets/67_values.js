/* One value or a range of the station's page: its past, and what a person does to it, in two steps. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t, byId = anlan.byId, LISTED = 12;
  const here = anlan.stationPage;
  let ranging = false;

  here.begin = function () {
    byId("value-close").addEventListener("click", function () { here.choose(null); });
    byId("value-range").addEventListener("click", function () { ranging = true; anlan.notice(t("now choose the other end")); });
    ["correct", "confirm", "void", "restore"].forEach(function (act) {
      const button = byId("value-" + act);
      if (button) button.addEventListener("click", function () { begin(act, here.chosen, here.series); });
    });
  };

  /* Chooses a value; a second one with Shift, or after "range from here", makes a range of both. */
  here.choose = function (time, extend) {
    const held = here.chosen;
    if (time === null) here.chosen = null;
    else if (held && (extend || ranging)) here.chosen = { from: time < held.anchor ? time : held.anchor, to: time < held.anchor ? held.anchor : time, anchor: held.anchor };
    else here.chosen = { from: time, to: time, anchor: time };
    ranging = false;
    here.detail = null;
    here.repaint();
    paint();
    if (here.chosen && here.chosen.from === here.chosen.to) readPast();
  };
  /* A value of any series of the station, from the list of what is to be verified. */
  here.open = function (row) {
    const wanted = row.property + "." + row.sensor + "." + row.period_s, pick = byId("series");
    if (pick.value !== wanted) { pick.value = wanted; pick.dispatchEvent(new Event("change")); }
    byId("station-tabs").querySelector('[data-tab="values"]').click();
    here.choose(row.time);
    window.setTimeout(function () { const node = document.querySelector('#value-rows tr[data-time="' + row.time + '"]'); if (node) node.scrollIntoView({ block: "center" }); }, 600);
  };

  function within() { return here.rows.filter(function (row) { return here.chosen && row.time >= here.chosen.from && row.time <= here.chosen.to; }); }

  async function readPast() {
    const range = here.chosen;
    try {
      const found = await anlan.api("GET", "/observations/revisions?" + here.query({ time: range.from }));
      if (here.chosen === range) { here.detail = found; paint(); }
    } catch (error) { anlan.notice(error.message, true); }
  }

  function state(one) { return (one.value === null ? "—" : anlan.measure(one.value, here.series.property)) + " " + here.qualityText(one); }

  /* What is known of the value, the newest first. */
  function past(found) {
    const acts = found.acts.map(function (one) {
      return { at: one.at, mark: true, text: one.actor + " " + t("value act " + one.act) + " · " + state(Object.assign({ by: one.act === "void" ? null : "" }, one.old)) + " → " + state(Object.assign({ by: one.act === "restore" ? null : one.actor }, one.new)) + " · " + one.reason };
    });
    const said = found.revisions.filter(function (one) { return !one.by; }).map(function (one) {
      return { at: one.received_at, text: t("the station said {value} ({source})", { value: state(one), source: one.source }) };
    });
    if (!found.present.by) said.push({ at: found.received_at, text: t("the station said {value} ({source})", { value: state(found.present), source: found.source }) });
    const seen = new Set();
    return acts.concat(said).filter(function (one) { const key = one.at + one.text; if (seen.has(key)) return false; seen.add(key); return true; })
      .sort(function (a, b) { return a.at < b.at ? 1 : a.at > b.at ? -1 : 0; });
  }

  function paint() {
    const box = byId("chosen"), range = here.chosen;
    anlan.show(box, Boolean(range));
    if (!range) return;
    const rows = within(), one = range.from === range.to, row = rows[0];
    anlan.fill(box, { what: one ? anlan.when(range.from, true) + (row ? " · " + here.valueText(row) + " · " + here.qualityText(row) : "") : anlan.when(range.from, true) + " – " + anlan.when(range.to, true) + " · " + t("{n} values", { n: rows.length }) });
    anlan.show(byId("value-range"), one);
    const list = byId("value-past");
    anlan.show(list, one);
    if (one) {
      const items = here.detail ? past(here.detail) : [{ at: "", text: t("loading") }];
      anlan.sync(list, items, function (item) { return item.at + item.text; },
        function (item) { return el(item.mark ? "li.mark" : "li", {}, el("time", {}, item.at ? anlan.when(item.at, true) : ""), " ", item.text); }, function () {});
    }
    const may = { correct: true, confirm: rows.some(function (each) { return each.value !== null && each.quality !== 1; }), void: rows.some(function (each) { return each.value !== null && !(each.by && each.quality === 4); }), restore: rows.some(function (each) { return each.by; }) };
    Object.keys(may).forEach(function (act) { const button = byId("value-" + act); if (button) button.disabled = !may[act]; });
  }

  here.undo = function (act) {
    const series = { property: act.property, sensor: act.sensor, period_s: act.period_s };
    begin("restore", { from: act.from_time, to: act.to_time }, series);
  };

  /* First step: what is meant, and why. Second step: exactly what changes. */
  async function begin(act, range, series) {
    const one = range.from === range.to, fields = [];
    if (act === "correct" && !one) fields.push({ name: "how", label: t("how to correct"), kind: "select", options: [{ value: "shift", label: t("add to every value") }, { value: "value", label: t("one value for all") }], value: "shift" });
    if (act === "correct") fields.push({ name: "number", label: t(one ? "the right value ({unit})" : "number ({unit})", { unit: anlan.unit(series.property) || "–" }), kind: "number", needed: true, fault: t("a number is needed") });
    fields.push({ name: "reason", label: t("reason"), needed: true });
    const answer = await anlan.ask({
      title: t("value act " + act) + " · " + (anlan.texts["property " + series.property] || series.property) + " · " + anlan.when(range.from, true) + (one ? "" : " – " + anlan.when(range.to, true)),
      what: t("value act says " + act), fields: fields, act: t("look first"),
    });
    if (!answer) return;
    const body = Object.assign({ station: here.code, exercise: anlan.page.exercise || null, from: range.from, to: range.to }, series);
    if (act === "correct") body[one || answer.how === "value" ? "value" : "shift"] = Number(answer.number);
    try {
      const found = await anlan.api("POST", "/observations/preview", Object.assign({ act: act }, body));
      if (!found.changed) { anlan.notice(t("nothing would change"), true); return; }
      const listed = found.changes.slice(0, LISTED).map(function (each) { return anlan.when(each.time, true) + "　" + state(each.old) + "　→　" + state(each.new); });
      if (found.changed > listed.length) listed.push(t("and {n} more", { n: found.changed - listed.length }));
      const sure = await anlan.ask({
        title: t("{act}: {n} of {m} values", { act: t("value act " + act), n: found.changed, m: found.count }),
        what: listed.join("\n") + "\n\n" + t("reason") + "：" + answer.reason + "\n" + t("value act follows"), act: t("value act " + act), grave: true,
      });
      if (!sure) return;
      const done = await anlan.api("POST", "/observations/" + act, Object.assign({ seen: found.stamp, reason: answer.reason }, body));
      anlan.notice(t("{n} values done; everything that follows from them is computed anew", { n: done.changed }));
    } catch (error) {
      const now = (error.problem && error.problem.present) || [];
      anlan.notice(now.length ? t("somebody was quicker; now holds: {value}", { value: now.slice(0, 3).map(function (each) { return anlan.when(each.time, true) + " " + state(each); }).join("; ") }) : error.message, true);
    }
    await here.refresh();
    here.wish(true);
    here.readTab();
    here.readVerify();
    if (here.chosen && here.chosen.from === here.chosen.to) readPast();
    paint();
  }
})(window.anlan);
