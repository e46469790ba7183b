/* Alarms of the desk by state and, in a flood of alarms, one line for each town and hazard: worst first, nothing hidden. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const COLOURS = ["red", "orange", "yellow", "blue", "none"];

  /* What is put aside, explained by another alarm, or out of service: not in the list of what calls, always counted. */
  anlan.HIDDEN = ["shelved", "suppressed", "out_of_service"];
  anlan.ALARM_STATES = {
    active: function (row) { return !anlan.HIDDEN.includes(row.state); },
    unacknowledged: anlan.isUnacknowledged,
    acknowledged: function (row) { return row.state === "acknowledged"; },
    returned: function (row) { return row.state === "returned_unacknowledged"; },
    latched: function (row) { return row.state === "latched"; },
    verify: function (row) { return Boolean(row.to_verify); },
    shelved: function (row) { return row.state === "shelved"; },
    suppressed: function (row) { return row.state === "suppressed"; },
    out_of_service: function (row) { return row.state === "out_of_service"; },
  };

  anlan.colourCounts = function (rows) {
    const found = { red: 0, orange: 0, yellow: 0, blue: 0, none: 0 };
    rows.forEach(function (row) { found[row.severity || "none"] += 1; });
    return found;
  };

  /* Groups of town and hazard. What returned stands with the worst that it was while nobody has acknowledged it. */
  anlan.stormGroups = function (rows) {
    const groups = new Map();
    rows.forEach(function (row) {
      const town = anlan.townOf(row.area), key = (town ? town.code : "") + "/" + row.class;
      if (!groups.has(key)) groups.set(key, { key: key, town: town, hazard: row.class, rows: [] });
      groups.get(key).rows.push(row);
    });
    return Array.from(groups.values()).map(function (group) {
      const open = group.rows.filter(anlan.isUnacknowledged);
      group.open = open.length;
      group.counts = anlan.colourCounts(group.rows);
      group.worst = COLOURS.find(function (colour) { return group.counts[colour]; });
      group.oldest = open.reduce(function (first, row) { return !first || row.raised_at < first ? row.raised_at : first; }, "");
      group.newest = group.rows.reduce(function (last, row) { return row.raised_at > last ? row.raised_at : last; }, "");
      group.name = (group.town ? anlan.nameOf(group.town) : t("elsewhere")) + " · " + t("class " + group.hazard);
      return group;
    }).sort(function (a, b) {
      return COLOURS.indexOf(a.worst) - COLOURS.indexOf(b.worst) || Number(b.open > 0) - Number(a.open > 0)
        || b.counts[b.worst] - a.counts[a.worst] || b.open - a.open || a.key.localeCompare(b.key);
    });
  };

  anlan.createStorm = function (group, opened, acknowledge) {
    const node = el("div.storm-line", { role: "group" },
      el("button.storm-open", { type: "button", "aria-expanded": "false", onclick: function () { opened(node.anlanStorm); } },
        el("i.turn", {}, "▸"), el("span.storm-name", { "data-part": "name" }), el("span.storm-counts"), el("span.storm-note.muted", { "data-part": "note" })),
      el("button.storm-acknowledge", { type: "button", onclick: function () { acknowledge(node.anlanStorm); } }));
    const counts = node.querySelector(".storm-counts");
    COLOURS.forEach(function (colour) { counts.append(el("b." + colour, { "data-part": colour })); });
    return node;
  };
  anlan.updateStorm = function (node, group, isOpen, mayAcknowledge) {
    node.anlanStorm = group;
    anlan.cls(node, "storm-line " + group.worst + (group.open ? " unacknowledged" : "") + (isOpen ? " opened" : ""));
    node.dataset.group = group.key;
    node.firstElementChild.setAttribute("aria-expanded", String(isOpen));
    put(node.querySelector(".turn"), isOpen ? "▾" : "▸");
    const texts = {
      name: group.name,
      note: group.open ? t("{n} unacknowledged", { n: group.open }) + " · " + t("longest {time}", { time: anlan.duration(anlan.secondsSince(group.oldest)) }) : t("all acknowledged"),
    };
    COLOURS.forEach(function (colour) {
      texts[colour] = group.counts[colour] ? (colour === "none" ? t("no colour") : t("colour " + colour)) + " " + group.counts[colour] : "";
      anlan.show(anlan.part(node, colour), group.counts[colour] > 0);
    });
    anlan.fill(node, texts);
    const act = node.lastElementChild;
    put(act, t("acknowledge the {n}", { n: group.open }));
    anlan.show(act, group.open > 0 && mayAcknowledge);
  };

  /* The floods of alarms that go on at the desks that one sees, the largest first. */
  anlan.stormsNow = function () {
    return anlan.list("floods").slice().sort(function (a, b) { return b.count - a.count; });
  };
  anlan.stormText = function (storm) {
    const area = (anlan.page.home.areas || []).find(function (one) { return one.code === storm.desk; });
    return t("flood at {desk} since {time}: {n} alarms in ten minutes, {peak} at its peak", {
      desk: anlan.nameOf(area || { name: storm.desk }), time: anlan.when(storm.began_at), n: storm.count, peak: storm.peak,
    });
  };
})(window.anlan);
