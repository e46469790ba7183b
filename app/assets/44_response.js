/* The response level: shown on every page, and set by the county's commander in two steps. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t;
  const ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"], COLOUR = ["", "red", "orange", "yellow", "blue"], HAZARDS = ["flood", "typhoon", "drought"];

  function hazard(name) { return anlan.texts["hazard " + name] || name; }

  /* What stands, the gravest first, into `box`; `empty` is shown where nothing stands. */
  anlan.showResponses = function (box, id, empty) {
    const list = anlan.list("response").sort(function (a, b) { return a.level - b.level; });
    anlan.sync(box, list.length ? list : empty ? [null] : [], function (row) { return row ? row.id : "none"; },
      function () { return el("span"); },
      function (node, row) {
        anlan.cls(node, row ? "pill " + COLOUR[row.level] : "none");
        anlan.put(node, row ? t(id, { hazard: hazard(row.hazard), level: ROMAN[row.level], time: anlan.when(row.started_at) }) : empty);
        node.title = row ? [row.started_by, anlan.when(row.started_at), row.reason].filter(Boolean).join(" · ") : "";
      });
  };

  /* Everything that can be done now: {label, path, body}. */
  function choices() {
    const standing = anlan.list("response"), found = [];
    standing.forEach(function (row) {
      [1, 2, 3, 4].filter(function (level) { return level !== row.level; }).forEach(function (level) {
        const values = { hazard: hazard(row.hazard), level: ROMAN[level], from: ROMAN[row.level] };
        found.push({
          label: level < row.level ? t("raise the {hazard} response from {from} to {level}", values) : t("lower the {hazard} response from {from} to {level}", values),
          path: "/response/" + row.id + "/level", body: { level: level },
        });
      });
      found.push({ label: t("end the {hazard} response", { hazard: hazard(row.hazard) }), path: "/response/" + row.id + "/end", body: {} });
    });
    HAZARDS.filter(function (name) { return !standing.some(function (row) { return row.hazard === name; }); }).forEach(function (name) {
      [4, 3, 2, 1].forEach(function (level) {
        found.push({
          label: t("start the {hazard} response at {level}", { hazard: hazard(name), level: ROMAN[level] }),
          path: "/response", body: { hazard: name, level: level, exercise: anlan.page.exercise },
        });
      });
    });
    return found;
  }

  async function change() {
    if (!anlan.ready || !anlan.mayDo("response_level")) return;
    const found = choices();
    const answer = await anlan.ask({
      title: t("response level"),
      fields: [
        { name: "act", label: t("what is decided"), kind: "select", options: found.map(function (one, i) { return { value: String(i), label: one.label }; }) },
        { name: "reason", label: t("reason"), needed: true },
      ],
      act: t("continue"),
    });
    if (!answer) return;
    const chosen = found[Number(answer.act)];
    const sure = await anlan.ask({ title: chosen.label, what: t("response says {reason}", { reason: answer.reason }), act: t("confirm"), grave: true });
    if (!sure) return;
    try {
      await anlan.api("POST", chosen.path, Object.assign({ reason: answer.reason }, chosen.body));
      anlan.notice(t("done: {act}", { act: chosen.label }));
    } catch (error) { anlan.notice(error.message, true); }
  }

  document.addEventListener("click", function (event) { if (event.target.id === "response-change") change(); });
  anlan.onChange(function (changed) {
    const head = anlan.byId("top-responses");
    if (head && anlan.ready && changed.has("response")) anlan.showResponses(head, "{hazard} response {level}", "");
  });
})(window.anlan);
