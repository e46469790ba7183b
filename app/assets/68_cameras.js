/* The cameras: last pictures with their age. Whether a camera counts as there says the server; why, the dialog. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t;
  let root = null, shown = "all", sought = "", open = null;

  anlan.pageScript("cameras", function (found) {
    root = found;
    anlan.choice(anlan.byId("camera-tabs"), "shown", function (value) { shown = value; paint(); });
    const search = el("input", { id: "camera-search", type: "search", maxLength: 60, placeholder: t("search cameras"), "aria-label": t("search cameras") });
    search.addEventListener("input", function () { sought = search.value.trim().toLowerCase(); paint(); });
    anlan.byId("camera-search-place").append(search);
    paint();
  });

  const FITS = {
    all: function () { return true; },
    online: function (row) { return row.online; },
    offline: function (row) { return !row.online; },
    unsteady: function (row) { return row.unsteady; },
    patrols: function (row) { return row.kind === "patrol"; },
  };

  function words(row) { return [row.code, row.name, row.name_en, row.area_name, row.area_name_en].join(" ").toLowerCase(); }

  /* In words, beside the picture: never heard, silent since, said to be off, wavering. */
  function trouble(row) {
    if (!row.heard_at) return t("never heard");
    if (row.online) return row.unsteady ? t("goes on and off") : "";
    const silent = anlan.secondsSince(row.heard_at) >= 3 * row.keepalive_s;
    return silent ? t("silent for {time}", { time: anlan.duration(anlan.secondsSince(row.heard_at)) }) : t("reported off {age}", { age: anlan.age(row.since) });
  }

  function create() {
    return el("button.camera.tile", { type: "button" }, el("img", { alt: "", hidden: true }), el("span.nothing", { "data-part": "nothing" }),
      el("span.flag", { "data-part": "flag" }), el("span.age", { "data-part": "age" }), el("span.name", { "data-part": "name" }));
  }

  function update(node, row) {
    const wrong = trouble(row);
    node.classList.toggle("off", !row.online);
    node.classList.toggle("unsteady", Boolean(row.online && row.unsteady));
    node.setAttribute("aria-label", [anlan.nameOf(row), wrong].filter(Boolean).join(" · "));
    node.onclick = function () { openOne(row.code); };
    anlan.fill(node, {
      name: (row.kind === "patrol" ? "◉ " : "") + anlan.nameOf(row), flag: wrong,
      age: row.picture_at ? anlan.age(row.picture_at) : "", nothing: row.picture_url ? "" : t("no picture yet"),
    });
    anlan.show(anlan.part(node, "flag"), wrong);
    anlan.cameraPicture(node, row);
  }

  function facts(row) {
    const at = row.position_at ? row.lat.toFixed(5) + "°, " + row.lon.toFixed(5) + "° · " + anlan.age(row.position_at) + (row.accuracy_m ? " · ±" + Math.round(row.accuracy_m) + " m" : "") : "";
    return [
      ["place", anlan.areaName(row)],
      ["status", trouble(row) || t("online")],
      ["last heard", row.heard_at ? anlan.age(row.heard_at) + " · " + t("camera source " + row.source) : t("never")],
      ["keep-alive", t("every {n} s", { n: row.keepalive_s })],
      ["last picture", row.picture_at ? anlan.when(row.picture_at) + " · " + anlan.age(row.picture_at) : t("no picture yet")],
      ["battery", row.battery === null ? "" : Math.round(row.battery) + " %"],
      ["position", at],
      ["speed", row.speed_ms === null || !row.position_at ? "" : (row.speed_ms * 3.6).toFixed(0) + " km/h"],
      ["stream", row.stream || ""],
    ].filter(function (one) { return one[1]; });
  }

  function openOne(code) {
    const body = el("dl.facts"), image = el("img", { alt: "", hidden: true });
    const close = el("button", { type: "button", id: "camera-close" }, t("close"));
    const links = el("div.buttons", {}, el("span.stream", { "data-part": "watch" }), el("span.space"), close);
    const dialog = el("dialog.one-camera", { "aria-labelledby": "camera-title" }, el("h2", { id: "camera-title" }, ""),
      el("div.large", {}, image, el("span.nothing", { "data-part": "nothing" })), body, links);
    close.addEventListener("click", function () { dialog.close(); });
    dialog.addEventListener("close", function () { dialog.remove(); open = null; });
    document.body.append(dialog);
    open = { code: code, dialog: dialog, body: body };
    paintOne();
    dialog.showModal();
  }

  function paintOne() {
    if (!open) return;
    const row = anlan.list("cameras").find(function (one) { return one.code === open.code; });
    if (!row) { open.dialog.close(); return; }
    anlan.put(open.dialog.querySelector("h2"), anlan.nameOf(row));
    anlan.fill(open.dialog, { nothing: row.picture_url ? "" : t("no picture yet") });
    anlan.cameraPicture(open.dialog, row);
    anlan.sync(open.body, facts(row), function (one) { return one[0]; },
      function (one) { return el("div", {}, el("dt", {}, t("camera " + one[0])), el("dd", {})); },
      function (node, one) { anlan.put(node.querySelector("dd"), one[1]); });
    const watch = anlan.part(open.dialog, "watch");
    if (/^https?:/.test(row.stream || "") && !watch.firstElementChild) {
      watch.append(el("a.button", { href: row.stream, target: "_blank", rel: "noopener noreferrer" }, t("watch live")));
    }
  }

  function paint() {
    if (!root || !anlan.ready) return;
    const all = anlan.list("cameras");
    Array.from(anlan.byId("camera-tabs").children).forEach(function (button) {
      anlan.fill(button, { n: all.filter(FITS[button.dataset.shown]).length });
    });
    const rows = all.filter(function (row) { return FITS[shown](row) && (!sought || words(row).includes(sought)); });
    rows.sort(function (a, b) { return Number(b.kind === "patrol") - Number(a.kind === "patrol") || Number(a.online) - Number(b.online) || a.code.localeCompare(b.code); });
    const none = anlan.byId("mosaic-none");
    anlan.show(none, !rows.length);
    anlan.put(none, all.length ? t("no camera fits") : t("no camera imported"));
    anlan.sync(anlan.byId("mosaic"), rows, function (row) { return row.code; }, create, update);
    paintOne();
  }

  anlan.onChange(paint);
  anlan.onTick(paint);
})(window.anlan);
