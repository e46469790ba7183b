/* The list of orders. What runs is live; what ended long ago is asked for when somebody wants to see it. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  let root = null, tab = "running", notices = true, older = [], asked = 0, fault = "";

  anlan.pageScript("orders", function (found) {
    root = found;
    anlan.choice(anlan.byId("order-tabs"), "tab", function (value) { tab = value; if (value === "ended" || value === "all") ask(); paint(); });
    const button = anlan.byId("with-notices");
    button.addEventListener("click", function () { notices = !notices; button.setAttribute("aria-pressed", String(notices)); paint(); });
  });

  async function ask() {
    if (Date.now() - asked < 5000) return;
    asked = Date.now();
    try {
      older = await anlan.api("GET", "/orders?limit=300" + (anlan.page.exercise ? "&exercise=" + encodeURIComponent(anlan.page.exercise) : ""));
      fault = "";
    } catch (error) { fault = error.message; }
    paint();
  }

  /* The same fields for what is pushed and for what was asked for. */
  function line(row, live) {
    const count = function (channel) { return live ? anlan.devicesOf(row, channel).total : channel === "led" ? row.screens || 0 : row.loudspeakers || 0; };
    const people = live ? row.people : row.persons || 0;
    return {
      id: row.id, number: row.number, kind: row.kind, title: row.title, severity: row.severity, state: row.state, area: anlan.areaName(row),
      created_at: row.created_at, created_by: row.created_by, issued_at: row.issued_at, ended_at: row.ended_at, ends_at: row.ends_at,
      people: people, answered: row.answered || 0, emergency: row.emergency && !row.countersigned_at && row.state === "issued",
      progress: live ? anlan.progress(row) : { answered: row.answered || 0, delivered: Math.max(0, (row.delivered || 0) - (row.answered || 0)), going: Math.max(0, people - (row.delivered || 0) - (row.withheld || 0)), failed: row.withheld || 0, total: people },
      devices: [count("led") ? t("{n} LED screens", { n: count("led") }) : "", count("loudspeaker") ? t("{n} loudspeakers", { n: count("loudspeaker") }) : ""].filter(Boolean).join(" · "),
    };
  }

  function rows() {
    const all = new Map();
    if (tab === "ended" || tab === "all") older.forEach(function (row) { all.set(row.id, line(row, false)); });
    anlan.list("orders").forEach(function (row) { all.set(row.id, line(row, true)); });
    const wanted = { running: ["issued"], begun: ["draft", "checked"], ended: ["ended", "withdrawn", "cancelled"] }[tab];
    return Array.from(all.values()).filter(function (row) {
      return (!wanted || wanted.includes(row.state)) && (notices || row.kind !== "notice");
    }).sort(function (a, b) {
      return Number(b.state === "issued") - Number(a.state === "issued") || Number(b.kind !== "notice") - Number(a.kind !== "notice") || b.id - a.id;
    });
  }

  function news(row) {
    if (row.ended_at) return t("ended {time}", { time: anlan.when(row.ended_at) });
    if (row.issued_at) return t("issued {time}", { time: anlan.when(row.issued_at) }) + " · " + t("valid until {time}", { time: anlan.when(row.ends_at) });
    return t("drafted by {name} {time}", { name: row.created_by, time: anlan.when(row.created_at) });
  }

  function paint() {
    if (!root || !anlan.ready) return;
    const list = rows(), none = anlan.byId("order-none");
    anlan.show(none, !list.length);
    if (!list.length) {
      const text = fault && (tab === "ended" || tab === "all") ? [fault, ""] : [t("no order here"), t("no order here hint")];
      if (none.anlanText !== text.join()) { none.anlanText = text.join(); none.replaceChildren(el("strong", {}, text[0]), text[1]); }
    }
    anlan.sync(anlan.byId("order-rows"), list, function (row) { return row.id; },
      function (row) {
        const link = anlan.link("/orders/" + row.id);
        const node = el("tr.link", {},
          el("td", {}, el("a", { href: link }, el("span", { "data-part": "number" }))),
          el("td.strong", {}, el("span.pill", { "data-part": "pill" }), " ", el("span", { "data-part": "title" })),
          el("td", { "data-part": "area" }), el("td", { "data-part": "state" }), el("td", { "data-part": "answers" }),
          el("td", {}, el("div.bar", {}, el("i.answered"), el("i.delivered"), el("i.going"), el("i.failed"))), el("td.muted.small", { "data-part": "news" }));
        node.addEventListener("click", function (event) { if (!event.target.closest("a")) window.location.assign(link); });
        return node;
      },
      function (node, row) {
        anlan.fill(node, {
          number: row.number, title: row.title, area: row.area, pill: row.severity ? t("colour " + row.severity) : t("kind " + row.kind),
          state: t("order state " + row.state) + (row.emergency ? " · " + t("act countersign") : ""),
          answers: [row.people ? row.answered + "/" + row.people : "", row.devices].filter(Boolean).join(" · "), news: news(row),
        });
        anlan.cls(anlan.part(node, "pill"), "pill " + (row.severity || ""));
        anlan.paintBar(node.querySelector(".bar"), row.progress);
      });
  }

  anlan.onChange(function (changed) { if (changed.has("orders")) { if (tab !== "running" && tab !== "begun") ask(); paint(); } });
})(window.anlan);
