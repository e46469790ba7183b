/* What the pages of data health and of the quarantine share: strips of hours, messages that open, search fields. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const SVG = "http://www.w3.org/2000/svg";

  /* A search field in the place that the page left for it. */
  anlan.searchBox = function (id, changed) {
    const place = anlan.byId(id + "-box");
    if (!place) return null;
    const label = place.dataset.label;
    const input = el("input", { id: id, type: "search", placeholder: label, maxLength: 200, autocomplete: "off", "aria-label": label });
    let timer = 0;
    input.addEventListener("input", function () { window.clearTimeout(timer); timer = window.setTimeout(changed, 200); });
    place.replaceChildren(input);
    return input;
  };

  function shape(tag, attributes) {
    const node = document.createElementNS(SVG, tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    return node;
  }

  /* The strip of a station: what came stands dim, what is missing of each hour stands bright above it. Three paths
     however many hours: two thousand stations are drawn by it. */
  anlan.strip = function () {
    const svg = shape("svg", { class: "strip", preserveAspectRatio: "none", role: "img" });
    ["full", "none", "due"].forEach(function (name) { svg.append(shape("path", { class: name })); });
    return svg;
  };
  anlan.paintStrip = function (svg, hours) {
    if (svg.anlanHours === hours) return;
    svg.anlanHours = hours;
    const paths = { full: "", none: "", due: "" };
    let due = 0, whole = 0;
    for (let at = 0; at < hours.length; at++) {
      const mark = hours[at], left = at + 0.1, box = function (top, height) { return "M" + left + " " + top + "h.8v" + height + "h-.8z"; };
      if (mark === ".") { paths.due += box(9, 1); continue; }
      due += 1;
      const came = mark === "F" ? 10 : Number(mark);
      if (came === 10) whole += 1;
      if (came > 0) paths.full += box(10 - came, came);
      if (came < 10) paths.none += box(0, 10 - came);
    }
    svg.setAttribute("viewBox", "0 0 " + hours.length + " 10");
    svg.setAttribute("aria-label", t("{n} of {m} hours complete", { n: whole, m: due }));
    Array.from(svg.children).forEach(function (path) { path.setAttribute("d", paths[path.getAttribute("class")]); });
  };

  /* "3.42 m" with its quality, "4 min ago"; suspect and bad values look it. */
  anlan.paintValue = function (node, row, value) {
    const old = row.time && anlan.secondsSince(row.time) > 3 * (row.period_s || 300);
    put(node, row.time ? anlan.measure(value, row.property) : "—");
    anlan.cls(node, row.quality === 3 || row.quality === 4 ? "suspect-value" : old ? "stale-value" : "");
  };
  anlan.faultText = function (reasons) {
    return (reasons || "").split(",").filter(Boolean).map(function (code) { return anlan.texts["fault " + code] || anlan.texts["value reason " + code] || code; }).join(t("and more"));
  };
  anlan.signed = function (seconds) {
    const whole = Math.round(seconds);
    return (whole < 0 ? "−" : whole > 0 ? "+" : "") + anlan.duration(Math.abs(whole));
  };
  anlan.bytes = function (size) {
    return size < 1000 ? size + " B" : size < 1e6 ? anlan.number(size / 1000, 1) + " kB" : anlan.number(size / 1e6, 1) + " MB";
  };
  anlan.townOf = function (code) {
    const areas = anlan.page.home.areas;
    let area = areas.find(function (one) { return one.code === code; });
    while (area && area.kind !== "town" && area.parent) {
      const parent = area.parent;
      area = areas.find(function (one) { return one.code === parent; });
    }
    return area && area.kind === "town" ? area : null;
  };

  /* A list of messages: each opens on click and is then asked for whole. What was opened stays open.
     `ask(row)` gives {payload, decoded, decoded_faults, detail?}. */
  anlan.messages = function (list, rows, line, ask, may) {
    anlan.sync(list, rows, function (row) { return row.id; },
      function (row) {
        const body = el("div.message-body", { hidden: true });
        const head = el("button.message-head", { type: "button", "aria-expanded": "false" }, el("span.strong", { "data-part": "when" }), el("span", { "data-part": "what" }), el("span.muted", { "data-part": "size" }), el("code", { "data-part": "head" }));
        const node = el("li.message", {}, head, body);
        head.addEventListener("click", async function () {
          const open = body.hidden;
          body.hidden = !open;
          head.setAttribute("aria-expanded", String(open));
          if (!open || body.anlanWhole) return;
          if (!may) { body.replaceChildren(el("p.muted", {}, t("payloads are for duty officers"))); return; }
          body.replaceChildren(el("p.muted", {}, t("loading")));
          try {
            const whole = await ask(row);
            body.anlanWhole = true;
            body.replaceChildren.apply(body, opened(whole));
          } catch (error) {
            body.replaceChildren(el("p.fault", { role: "alert" }, error.message));
          }
        });
        return node;
      },
      function (node, row) { line(node, row); });
  };

  function opened(whole) {
    const parts = [];
    if (whole.detail) parts.push(el("p.break", {}, whole.detail));
    const payload = whole.payload;
    if (payload) {
      const notes = [t("payload kind " + payload.kind)];
      if (!payload.whole) notes.push(t("only the head was kept"));
      if (payload.masked) notes.push(t("a secret is masked"));
      const text = el("pre.payload", { tabIndex: 0 });
      text.textContent = payload.text;
      parts.push(el("h4", {}, t("as it came") + " · " + notes.join(" · ")));
      if (payload.text) parts.push(text);
    }
    parts.push(el("h4", {}, t("decoded")));
    if (!whole.decoded) parts.push(el("p.muted", {}, t(payload && !payload.whole ? "cannot be decoded, only the head is here" : "no telemetry, nothing to decode")));
    else if (whole.decoded.length) parts.push(decoded(whole.decoded));
    else parts.push(el("p.muted", {}, t("no reading in it")));
    (whole.decoded_faults || []).forEach(function (fault) {
      parts.push(el("p.fault.break", {}, el("strong", {}, anlan.faultText(fault.reason)), " ", fault.detail));
    });
    return parts;
  }

  function decoded(readings) {
    const body = el("tbody");
    readings.slice(0, 500).forEach(function (one) {
      body.append(el("tr", {},
        el("td", {}, one.station || ""), el("td", {}, one.mapped ? t("property " + one.property) : one.property),
        el("td.number", {}, anlan.measure(one.value, one.property)), el("td", {}, anlan.date(one.time) + " " + anlan.clock(one.time, true)),
        el("td", {}, t(one.mapped ? "quality " + one.quality : "no meaning") + (one.reason ? " · " + anlan.faultText(one.reason) : ""))));
    });
    const head = el("tr");
    ["station", "series", "value", "observed at", "quality"].forEach(function (name) { head.append(el("th", { scope: "col" }, t("decoded column " + name))); });
    const table = el("table.table.small", {}, el("thead", {}, head), body);
    return readings.length > 500 ? el("div", {}, table, el("p.muted", {}, t("and {n} more", { n: readings.length - 500 }))) : table;
  }

  /* Asks when it is called, and every `seconds()` while the page is seen; never twice at once. */
  anlan.every = function (seconds, ask) {
    let last = 0, running = false, again = false;
    async function go() {
      if (running) { again = true; return; }
      running = true;
      last = Date.now();
      try { await ask(); } finally { running = false; if (again) { again = false; go(); } }
    }
    anlan.onTick(function () { if (!document.hidden && Date.now() - last > seconds() * 1000) go(); });
    return go;
  };
})(window.anlan);
