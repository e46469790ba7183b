/* Official warnings as every page speaks of them: what is in force now, the worst first, with colour, shape
   and text; the strip of the desk pages. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t;
  const SHAPE = { red: "■", orange: "◆", yellow: "▲", blue: "●" };

  /* The info in the reader's language, else the first. */
  anlan.warningInfo = function (row) {
    const wanted = anlan.page.language === "en" ? "en" : "zh";
    return row.infos.find(function (info) { return info.language.toLowerCase().startsWith(wanted); }) || row.infos[0] || {};
  };
  anlan.warningColour = function (row) { return (SHAPE[row.colour] || "○") + " " + (row.colour ? t("colour " + row.colour) : t("no colour")); };
  anlan.warningSender = function (row) { return anlan.warningInfo(row).sender_name || row.sender; };
  /* A name of an event that our catalogue knows is said in the reader's language. */
  anlan.warningEvent = function (row) {
    const event = anlan.warningInfo(row).event || "";
    return anlan.texts["warned of " + event] || event;
  };
  anlan.warningEnds = function (row) { return t("until {time}", { time: anlan.soon(row.ends) }); };

  function order(a, b) { return anlan.rank(b.colour) - anlan.rank(a.colour) || Number(b.trusted) - Number(a.trusted) || String(b.sent).localeCompare(String(a.sent)) || b.id - a.id; }

  /* In force now by this page's clock: between two readings of the server a warning may end. */
  anlan.warnings = function (standing) {
    const now = anlan.now();
    return anlan.list("warnings").filter(function (row) {
      if (new Date(row.ends).getTime() <= now) return false;
      const begun = row.standing === "in_force" || new Date(row.begins).getTime() <= now;
      return standing === undefined || (standing === "in_force") === begun;
    }).sort(order);
  };

  /* What tells events apart, whatever language the reader's is. */
  function eventKey(row) {
    const info = row.infos.find(function (one) { return one.language.toLowerCase().startsWith("zh"); }) || row.infos[0] || {};
    return info.event || String(row.id);
  }

  /* One entry for each event, however many offices warn of it: {row: the worst, senders, more}. */
  anlan.warningEvents = function () {
    const found = new Map();
    anlan.warnings("in_force").forEach(function (row) {
      const event = eventKey(row), known = found.get(event);
      if (known) known.others.push(row);
      else found.set(event, { key: event, row: row, others: [] });
    });
    return Array.from(found.values());
  };

  anlan.warningText = function (entry, long) {
    const row = entry.row, more = entry.others.length ? " +" + entry.others.length : "";
    const parts = [t("{shape} {event} {colour}", { shape: SHAPE[row.colour] || "○", event: anlan.warningEvent(row), colour: row.colour ? t("colour " + row.colour) : "" }).trim() + more];
    if (long > 1) parts.push(anlan.warningSender(row) + (row.trusted ? "" : t("(unverified)")) + " " + anlan.soon(row.sent));
    if (long > 0) parts.push(anlan.warningEnds(row));
    return parts.join(" · ");
  };
  anlan.warningTitle = function (entry) {
    return [entry.row].concat(entry.others).map(function (row) {
      return [anlan.warningInfo(row).headline || anlan.warningEvent(row), anlan.warningSender(row), row.trusted ? "" : t("unverified"), anlan.warningEnds(row)].filter(Boolean).join(" · ");
    }).join("\n");
  };

  /* Pills in `box`, said as fully as they fit (at most as `fullest`: 2 with who and when, 1 with the end, 0 the
     event alone); what does not fit at all is counted. */
  anlan.showWarnings = function (box, most, fullest) {
    if (!box) return;
    const events = anlan.warningEvents();
    for (let long = fullest; long >= 0; long--) {
      paint(box, events.slice(0, most), events.length - most, long);
      if (box.scrollWidth <= box.clientWidth + 1) return;
    }
    for (let shown = Math.min(most, events.length) - 1; shown >= 1; shown--) {
      paint(box, events.slice(0, shown), events.length - shown, 0);
      if (box.scrollWidth <= box.clientWidth + 1) return;
    }
  };
  function paint(box, events, rest, long) {
    const items = rest > 0 ? events.concat([{ key: "+", rest: rest }]) : events;
    anlan.sync(box, items, function (item) { return item.key; },
      function () { return el("span"); },
      function (node, item) {
        anlan.cls(node, item.rest ? "muted" : "pill " + (item.row.colour || "") + (item.row.trusted ? "" : " unverified"));
        anlan.put(node, item.rest ? "+" + item.rest : anlan.warningText(item, long));
        const title = item.rest ? "" : anlan.warningTitle(item);
        if (node.title !== title) node.title = title;
      });
  }

  /* Lines in `list`, one for each event: colour and event, then until when, who, since when. */
  anlan.listWarnings = function (list, most) {
    const events = anlan.warningEvents();
    anlan.sync(list, events.slice(0, most), function (entry) { return entry.key; },
      function () { return el("li", {}, el("span.pill", { "data-part": "pill" }), el("span.note", { "data-part": "note" })); },
      function (node, entry) {
        const row = entry.row;
        anlan.cls(anlan.part(node, "pill"), "pill " + (row.colour || "") + (row.trusted ? "" : " unverified"));
        anlan.fill(node, {
          pill: anlan.warningText(entry, 0),
          note: [anlan.warningEnds(row), row.trusted ? "" : t("unverified"), anlan.warningSender(row) + " " + anlan.soon(row.sent)].filter(Boolean).join(" · "),
        });
      });
    return events.length;
  };

  /* The strip below the head line of desk pages: there only while something is in force. */
  function strip() {
    const link = anlan.byId("warning-strip");
    if (!link || !anlan.ready) return;
    const events = anlan.warningEvents();
    anlan.show(link, events.length > 0);
    if (events.length) anlan.showWarnings(link.querySelector(".pills"), 4, 2);
  }

  let known = null;
  function tell() {
    const now = anlan.warnings();
    const ids = new Set(now.map(function (row) { return row.id; }));
    if (known && !anlan.page.kiosk) now.forEach(function (row) {
      if (!known.has(row.id)) anlan.notice(t("new warning: {text}", { text: [anlan.warningEvent(row), row.colour ? t("colour " + row.colour) : "", anlan.warningSender(row), anlan.warningEnds(row)].filter(Boolean).join(" · ") }));
    });
    known = ids;
  }

  anlan.onChange(function (changed) { if (anlan.ready && changed.has("warnings")) { tell(); strip(); } });
  anlan.onTick(strip);
})(window.anlan);
