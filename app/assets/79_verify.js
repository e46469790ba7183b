/* To be verified: what stands beside a doubtful alarm, when others are called, and the duty officer's verdict. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId;
  let row = null, beside = null, asked = 0, bound = null, deciding = false;

  /* The desk tells which alarm is chosen, at every painting. */
  anlan.verification = function (chosen) {
    const box = byId("detail-verify");
    if (!box) return;
    const waits = Boolean(chosen && chosen.to_verify);
    anlan.show(box, waits);
    if (bound !== box) {
      bound = box;
      byId("verify-true").addEventListener("click", function () { decide(true); });
      byId("verify-false").addEventListener("click", function () { decide(false); });
    }
    if (!waits) { row = null; beside = null; return; }
    if (!row || row.id !== chosen.id) { beside = null; asked = 0; }
    row = chosen;
    if (Date.now() - asked > 10000) read();
    paint();
  };
  anlan.onTick(function () { if (row) { if (Date.now() - asked > 10000 && !document.hidden) read(); head(); } });

  async function read() {
    asked = Date.now();
    const of = row.id;
    try {
      const found = await anlan.api("GET", "/alarms/" + of + "/beside");
      if (row && row.id === of) { beside = found; paint(); }
    } catch (error) { if (row && row.id === of && !beside) put(anlan.part(byId("verify-head"), "who"), error.message); }
  }

  function head() {
    const text = anlan.part(byId("verify-head"), "who");
    if (!text || !beside) return;
    const next = !beside.called.includes("leader") ? ["leader", beside.leader_at] : !beside.called.includes("commander") ? ["commander", beside.commander_at] : null;
    const left = next && next[1] ? Math.max(0, (new Date(next[1]) - anlan.now()) / 1000) : 0;
    put(text, !beside.waiting_since ? "" : next ? (beside.called.length ? t("called for it: {who}", { who: beside.called.map(function (one) { return t("verify " + one); }).join(t("and more")) }) + " · " : "") + t("verify {who} in {time}", { who: t("verify " + next[0]), time: anlan.timer(left) }) : t("called for it: {who}", { who: beside.called.map(function (one) { return t("verify " + one); }).join(t("and more")) }));
    text.classList.toggle("late", beside.called.length > 0 || Boolean(next && left < 60));
  }

  function reasons(text) {
    return (text || "").split(",").filter(Boolean).map(function (one) { const code = one.split(":")[0]; return anlan.texts["reason " + code] || anlan.faultText(code); }).join(t("and more"));
  }
  function name(one) { return (anlan.page.language === "en" && one.name_en) || one.name; }

  function paint() {
    if (!row) return;
    const may = anlan.mayDo("acknowledge") && anlan.mayDo("correct_value");
    anlan.show(byId("verify-acts"), may);
    head();
    if (!beside) return;
    const readings = beside.readings.slice(-6).reverse();
    lines("verify-readings", readings, t("no doubtful reading"), function (one) { return one.time + one.property + one.sensor; }, function (one) {
      return [anlan.when(one.time, true) + (one.doubtful ? " " + reasons(one.reason) : ""), anlan.measure(one.value, one.property), one.doubtful ? "doubtful" : "", reasons(one.reason)];
    });
    lines("verify-neighbours", beside.neighbours, t("no neighbour"), function (one) { return one.station + one.property; }, function (one) {
      const doubtful = one.quality === 3 || one.quality === 4;
      const arrow = one.trend === 5 ? " ↑" : one.trend === 4 ? " ↓" : "";
      const to = one.lowest_limit !== null && one.usable_value !== null ? " (" + (one.usable_value >= one.lowest_limit ? t("above its limit") : t("{m} m below", { m: anlan.number(one.lowest_limit - one.usable_value, 2) })) + ")" : "";
      return [name(one) + (one.same_river ? " · " + t("same river") : "") + " · " + one.km + " km", anlan.measure(one.usable_value, one.property) + arrow + to, doubtful ? "doubtful" : anlan.secondsSince(one.usable_time || one.time) > 3600 ? "old" : "", anlan.age(one.usable_time || one.time)];
    });
    lines("verify-rain", beside.rain_3h, t("no rain gauge near"), function (one) { return one.station; }, function (one) {
      return [name(one) + " · " + one.km + " km", one.value === null ? "—" : anlan.number(one.value, 1) + " mm", one.quality === 3 ? "doubtful" : anlan.secondsSince(one.time) > 3600 ? "old" : "", anlan.age(one.time)];
    });
    picture();
    settle();
  }
  /* The picture of the course below takes what room is left: it is told when that changes. */
  let height = 0;
  function settle() {
    const now = byId("detail-verify").offsetHeight;
    if (now !== height) { height = now; window.dispatchEvent(new Event("resize")); }
  }
  function lines(id, list, nothing, keyOf, say) {
    const box = byId(id), shown = list.length ? list : [null];
    anlan.sync(box, shown, function (one) { return one ? keyOf(one) : "-"; },
      function (one) { return one ? el("li", {}, el("span", { "data-part": "what" }), el("span", { "data-part": "value" })) : el("li", {}, el("span.nothing", {}, nothing)); },
      function (node, one) {
        if (!one) return;
        const said = say(one);
        anlan.fill(node, { what: said[0], value: said[1] });
        anlan.cls(node, said[2]);
        node.title = said[3];
      });
  }
  function picture() {
    const box = byId("verify-picture"), one = beside.picture, key = one ? one.url : "-";
    if (box.anlanKey !== key) {
      box.anlanKey = key;
      box.replaceChildren(one ? el("a", { href: one.url, target: "_blank", rel: "noopener" }, el("img", { src: one.url, alt: name(one), onload: settle })) : el("span.nothing", {}, t("no picture near")), el("small.muted", { "data-part": "when" }));
      box.anlanParts = null;
    }
    if (one) put(anlan.part(box, "when"), name(one) + " · " + one.km + " km · " + anlan.age(one.received_at));
  }

  async function decide(verdict) {
    if (!row || deciding) return;
    const id = row.id, doubtful = beside ? beside.readings.filter(function (one) { return one.doubtful; }).length : 0;
    const answer = await anlan.ask({
      title: t(verdict ? "verdict true" : "verdict false") + " · " + anlan.alarmTitle(row),
      what: t(verdict ? "verdict true says" : "verdict false says", { n: doubtful }),
      grave: !verdict, fields: [{ name: "reason", label: t("how you know"), needed: true }], act: t(verdict ? "verdict true" : "verdict false"),
    });
    if (!answer) return;
    deciding = true;
    try {
      await anlan.api("POST", "/alarms/" + id + "/decide", { verdict: verdict, reason: answer.reason });
      anlan.notice(t(verdict ? "decided true" : "decided false"));
    } catch (error) { anlan.notice(error.message, true); asked = 0; }
    deciding = false;
  }
})(window.anlan);
