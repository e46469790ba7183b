/* Reports from the field: file one in four touches, see who reported what, add, join, close. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId;
  const LONGEST_SIDE = 2560, SMALL_ENOUGH = 1500000;
  let view = "open", rows = null, fault = "", chosen = null, detail = null, ask = null, draft = null, sending = false;

  anlan.pageScript("reports", function () {
    rows = null; detail = null; draft = null; sending = false;
    const wanted = new URLSearchParams(window.location.search).get("report");
    chosen = wanted && /^[0-9]{1,15}$/.test(wanted) ? Number(wanted) : null;
    anlan.choice(byId("reports-view"), "view", function (value) { view = value; rows = null; paint(); ask(); });
    anlan.choice(byId("report-kinds"), "kind", function (kind) {
      draft.kind = kind;
      if (!draft.own) setSeverity(JSON.parse(byId("report-kinds").dataset.defaults)[kind]);
      told("");
    });
    anlan.choice(byId("report-colours"), "severity", function (severity) { draft.severity = severity; draft.own = true; });
    const place = byId("report-place-box");
    place.append(el("input", { id: "report-place", type: "text", maxLength: 100, placeholder: place.dataset.label, "aria-label": place.dataset.label }));
    areas();
    fileButton(byId("report-photo-box"), "report-files", function (files) { draft.photos = draft.photos.concat(files).slice(0, 12); photos(); });
    fileButton(byId("report-more-photos-box"), "report-more-files", morePhotos);
    byId("report-new").addEventListener("click", function () { write(true); });
    byId("report-cancel").addEventListener("click", function () { write(false); });
    byId("report-locate").addEventListener("click", locate);
    byId("report-send").addEventListener("click", send);
    byId("report-note").addEventListener("click", note);
    byId("report-edit").addEventListener("click", edit);
    byId("report-join").addEventListener("click", join);
    byId("report-close").addEventListener("click", close);
    ask = anlan.every(function () { return 10; }, fetchAll);
    if (new URLSearchParams(window.location.search).has("new") && anlan.mayDo("report")) write(true);
    paint();
    ask();
  });

  /* the list */
  async function fetchAll() {
    const of = view;
    try {
      const found = await anlan.api("GET", anlan.link("/reports?open=" + (of === "open")));
      if (of !== view) return;
      rows = found; fault = "";
      if (chosen) await fetchDetail();
    } catch (error) { fault = error.message; }
    paint();
  }
  async function fetchDetail() {
    const of = chosen;
    try {
      const found = await anlan.api("GET", "/reports/" + of);
      if (of === chosen) detail = found;
    } catch (error) {
      if (error.status !== 404) throw error;
      chosen = null; detail = null;
    }
  }
  async function choose(id) {
    chosen = id; detail = null;
    if (draft) write(false);
    paint();
    try { await fetchDetail(); } catch (error) { anlan.notice(error.message, true); }
    paint();
  }

  function kindName(row) { return t("report kind " + row.kind); }
  function placeName(row) {
    const area = (anlan.page.home.areas || []).find(function (one) { return one.code === row.area; });
    const town = area ? anlan.townOf(area.code) : null;
    return [town && town.code !== row.area ? anlan.nameOf(town) : "", area ? anlan.nameOf(area) : row.area, row.place].filter(Boolean).join(" ");
  }
  function who(name) { return (name || "").replace(/^token:/, ""); }

  function paint() {
    const list = byId("report-rows");
    if (!list) return;
    const shown = rows || [];
    anlan.show(byId("reports-none"), !shown.length);
    const text = fault && !rows ? [fault, t("asked again by itself")] : !rows ? [t("loading"), ""] : view === "open" ? [t("no open reports"), t("no open reports hint")] : [t("no reports at all"), ""];
    const none = byId("reports-none");
    if (!shown.length && none.anlanText !== text.join()) { none.anlanText = text.join(); none.replaceChildren(el("strong", {}, text[0]), text[1]); }
    put(byId("reports-found"), fault ? t("not renewed: {fault}", { fault: fault }) : rows ? t("{n} reports", { n: shown.length }) : "");
    anlan.show(byId("report-new"), anlan.mayDo("report"));
    anlan.sync(list, shown, function (row) { return row.id; }, function (row) {
      return el("li", {}, el("button", { type: "button", onclick: function () { choose(row.id); } }, el("strong", { "data-part": "title" }), el("span.when", { "data-part": "when" }), el("span.note", { "data-part": "note" })));
    }, function (node, row) {
      anlan.cls(node, [row.closed_at ? "closed" : row.severity, row.id === chosen && !draft ? "current" : ""].join(" ").trim());
      const notes = [row.closed_at ? t("danger over {time}", { time: anlan.when(row.closed_at) }) : t("colour " + row.severity), who(row.reported_by)];
      if (row.joined_to) notes.push(t("joined to {n}", { n: row.joined_to }));
      if (row.joined) notes.push(t("{n} more of the same", { n: row.joined }));
      if (row.photos) notes.push(t("{n} pictures", { n: row.photos }));
      if (row.text) notes.push(row.text.length > 60 ? row.text.slice(0, 59) + "…" : row.text);
      anlan.fill(node, { title: kindName(row) + " · " + placeName(row), when: anlan.age(row.observed_at), note: notes.join(" · ") });
    });
    paintDetail();
  }

  function paintDetail() {
    anlan.show(byId("report-chosen"), !draft);
    anlan.show(byId("report-form"), Boolean(draft));
    document.querySelector(".reports").classList.toggle("writing", Boolean(draft));
    const box = byId("report-detail");
    anlan.show(box, Boolean(detail));
    anlan.show(byId("report-empty"), !detail);
    if (!detail) return;
    const row = detail, may = anlan.mayDo("report") && !row.closed_at, own = row.reported_by === anlan.page.user;
    anlan.fill(box, {
      pill: row.closed_at ? t("danger is over") : t("colour " + row.severity), title: kindName(row) + " · " + placeName(row), text: row.text,
      note: [t("report number {n}", { n: row.id }), t("seen {time}", { time: anlan.when(row.observed_at) }), t("reported by {name}", { name: who(row.reported_by) }),
        row.lon === null ? t("no position") : row.lat.toFixed(5) + ", " + row.lon.toFixed(5) + (row.accuracy_m ? " ±" + Math.round(row.accuracy_m) + " m" : "")].join(" · "),
    });
    anlan.cls(anlan.part(box, "pill"), "pill " + (row.closed_at ? "" : row.severity));
    anlan.show(byId("report-note"), anlan.mayDo("report"));
    anlan.show(byId("report-more-photos-box"), may);
    anlan.show(byId("report-edit"), may && (own || anlan.mayDo("acknowledge")));
    anlan.show(byId("report-join"), may && !row.joined_to && others(row).length > 0);
    anlan.show(byId("report-close"), !row.closed_at && !row.joined_to && anlan.mayDo("close_report"));
    anlan.show(byId("report-alarm"), row.alarm !== null);
    byId("report-alarm").href = anlan.link("/?alarm=" + row.alarm);
    anlan.sync(byId("report-pictures"), row.pictures, function (one) { return one.id; },
      function (one) { return el("li", {}, el("a", { href: one.url, target: "_blank", rel: "noopener" }, el("img", { src: one.url, alt: t("picture of {time}", { time: anlan.when(one.at) }), loading: "lazy" })), el("small", {}, who(one.actor) + " · " + anlan.when(one.at))); },
      function () {});
    const same = byId("report-joined-box"), lines = row.joined_to ? [t("joined to {n}", { n: row.joined_to })] : row.joined.map(function (one) { return t("report number {n}", { n: one.id }) + " · " + t("colour " + one.severity) + " · " + who(one.reported_by) + (one.text ? " · " + one.text : ""); });
    if (same.anlanText !== lines.join("\n")) {
      same.anlanText = lines.join("\n");
      same.replaceChildren(...(lines.length ? [el("strong", {}, row.joined_to ? "" : t("{n} more of the same", { n: lines.length }))] : []), ...lines.map(function (line) { return el("div", {}, line); }));
    }
    anlan.sync(byId("report-events"), row.events.slice().reverse(), function (event) { return event.at + event.kind; },
      function () { return el("li", {}, el("span.muted", { "data-part": "at" }), " ", el("span", { "data-part": "what" })); },
      function (node, event) { anlan.fill(node, { at: anlan.when(event.at, true), what: [t("report event " + event.kind), who(event.actor), said(event)].filter(Boolean).join(" · ") }); });
  }
  function said(event) {
    const d = event.detail;
    if (event.kind === "noted") return d.text;
    if (event.kind === "closed") return d.reason;
    if (event.kind === "joined") return d.to ? t("joined to {n}", { n: d.to }) : t("report number {n}", { n: d.report });
    if (event.kind === "filed") return d.outside_area ? t("position outside of the own area") : "";
    if (event.kind === "edited") return Object.keys(d).map(function (name) {
      const text = function (value) { return value === null || value === "" ? "—" : name === "severity" ? t("colour " + value) : value; };
      return t("report field " + name) + " " + text(d[name].was) + " → " + text(d[name].now);
    }).join(" · ");
    return "";
  }
  function others(row) {
    return (rows || []).filter(function (one) { return one.id !== row.id && one.kind === row.kind && !one.closed_at && !one.joined_to; });
  }

  /* the form */
  function write(on) {
    draft = on ? { key: newKey(), kind: "", severity: "", own: false, lon: null, lat: null, accuracy: null, photos: [] } : null;
    if (on) {
      ["report-kinds", "report-colours"].forEach(function (id) { byId(id).querySelectorAll("button").forEach(function (one) { one.setAttribute("aria-pressed", "false"); }); });
      byId("report-text").value = ""; byId("report-place").value = ""; byId("report-area").value = anlan.page.area || "";
      told(""); where(""); photos();
    }
    paint();
    if (on) byId("report-form").scrollTop = 0;
  }
  function newKey() {
    const bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.from(bytes, function (one) { return one.toString(16).padStart(2, "0"); }).join("");
  }
  function setSeverity(severity) {
    draft.severity = severity;
    byId("report-colours").querySelectorAll("button").forEach(function (one) { one.setAttribute("aria-pressed", String(one.dataset.severity === severity)); });
  }
  function told(text) { const box = byId("report-fault"); put(box, text); anlan.show(box, Boolean(text)); }
  function where(text) { const box = byId("report-position"); put(box, text); box.classList.toggle("given", Boolean(draft && draft.lon !== null)); }
  function areas() {
    const select = byId("report-area"), known = anlan.page.home.areas || [], own = anlan.page.area;
    const inside = function (area) { for (let one = area; one; one = known.find(function (up) { return up.code === one.parent; })) if (one.code === own) return true; return !own; };
    known.filter(function (area) { return area.kind !== "county" && inside(area); }).sort(function (a, b) { return a.code < b.code ? -1 : 1; }).forEach(function (area) {
      const depth = { town: "", village: "　", hamlet: "　　" }[area.kind];
      select.append(el("option", { value: area.code }, depth + anlan.nameOf(area)));
    });
  }
  function locate() {
    if (!navigator.geolocation || !window.isSecureContext) { where(t("no position here: choose a place")); return; }
    where(t("looking for the position"));
    navigator.geolocation.getCurrentPosition(function (found) {
      if (!draft) return;
      draft.lon = found.coords.longitude; draft.lat = found.coords.latitude; draft.accuracy = found.coords.accuracy;
      where(t("position {lat}, {lon}, to {m} m", { lat: draft.lat.toFixed(5), lon: draft.lon.toFixed(5), m: Math.round(draft.accuracy) }));
    }, function () { where(t("no position here: choose a place")); }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
  }
  function fileButton(box, id, taken) {
    const input = el("input", { id: id, type: "file", accept: "image/jpeg,image/png", multiple: true, "aria-label": box.dataset.label });
    input.addEventListener("change", async function () {
      const files = await Promise.all(Array.from(input.files).map(smaller));
      input.value = "";
      taken(files);
    });
    box.append(el("label.button", {}, box.dataset.label, input));
  }
  /* A camera's picture is made small enough for a bad line; what cannot be read goes as it is, the centre says why. */
  async function smaller(file) {
    if (file.size <= SMALL_ENOUGH) return file;
    try {
      const image = await createImageBitmap(file), scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
      const canvas = el("canvas", { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return await new Promise(function (resolve) { canvas.toBlob(function (blob) { resolve(blob || file); }, "image/jpeg", 0.85); });
    } catch (error) { return file; }
  }
  function photos() {
    const list = byId("report-photos");
    list.querySelectorAll("img").forEach(function (one) { URL.revokeObjectURL(one.src); });
    list.replaceChildren(...(draft ? draft.photos : []).map(function (file, i) {
      return el("li", {}, el("img", { src: URL.createObjectURL(file), alt: "" }), el("button", { type: "button", "aria-label": t("take out"), onclick: function () { draft.photos.splice(i, 1); photos(); } }, "×"));
    }));
  }

  async function send() {
    if (!draft || sending) return;
    if (!draft.kind) return told(t("say what it is"));
    const area = byId("report-area").value;
    if (draft.lon === null && !area) return told(t("say where it is"));
    const body = { key: draft.key, kind: draft.kind, severity: draft.severity, text: byId("report-text").value, place: byId("report-place").value };
    if (draft.lon !== null) Object.assign(body, { lon: draft.lon, lat: draft.lat, accuracy_m: draft.accuracy });
    if (area && (draft.lon === null || area !== anlan.page.area)) body.area = area;
    if (anlan.page.exercise) body.exercise = anlan.page.exercise;
    sending = true;
    byId("report-send").disabled = true;
    told("");
    try {
      const filed = await post(body);
      if (filed) await sent(filed);
    } catch (error) { told(error.message + " " + t("nothing is lost: send again")); }
    sending = false;
    byId("report-send").disabled = false;
  }
  async function post(body) {
    try { return await anlan.api("POST", "/reports", body); } catch (error) {
      if (!error.problem || error.problem.reason !== "similar") throw error;
      const options = error.problem.similar.map(function (one) { return { value: String(one.id), label: t("join {what}", { what: t("report number {n}", { n: one.id }) + " · " + placeName(one) + " · " + who(one.reported_by) + " · " + anlan.when(one.observed_at) }) }; });
      const answer = await anlan.ask({ title: t("is it the same danger"), what: t("same danger says"), fields: [{ name: "as", label: t("report it as"), kind: "select", options: options.concat([{ value: "", label: t("another danger") }]) }], act: t("send report") });
      if (!answer) return null;
      return anlan.api("POST", "/reports", Object.assign({}, body, answer.as ? { join: Number(answer.as) } : { separate: true }));
    }
  }
  async function sent(filed) {
    const left = draft.photos;
    draft = null;
    anlan.notice(t("report {n} is filed", { n: filed.id }));
    await upload(filed.id, left);
    await choose(filed.joined_to || filed.id);
    ask();
  }
  async function upload(id, files) {
    for (const file of files) {
      try {
        const answer = await fetch("/api/v1/reports/" + id + "/photos", { method: "POST", credentials: "same-origin", headers: { "Content-Type": file.type || "image/jpeg" }, body: file });
        if (!answer.ok) throw new Error(((await answer.json().catch(function () { return null; })) || {}).detail || t("refused with status {status}", { status: answer.status }));
      } catch (error) { anlan.notice(t("a picture was not sent: {fault}", { fault: error.message }), true); }
    }
  }
  async function morePhotos(files) { if (!detail) return; await upload(detail.id, files); await again(); }
  async function again() { try { await fetchDetail(); } catch (error) { anlan.notice(error.message, true); } paint(); ask(); }

  /* acts on the chosen one */
  async function act(method, path, body, done) {
    try { await anlan.api(method, "/reports/" + detail.id + path, body); anlan.notice(done); } catch (error) { anlan.notice(error.message, true); }
    await again();
  }
  async function note() {
    const answer = await anlan.ask({ title: t("add a note"), fields: [{ name: "text", label: t("what is known now"), needed: true, fault: t("write what is known now") }], act: t("add a note") });
    if (answer) await act("POST", "/notes", { text: answer.text }, t("the note is kept"));
  }
  async function edit() {
    const colours = ["red", "orange", "yellow", "blue"].map(function (one) { return { value: one, label: t("colour " + one) }; });
    const answer = await anlan.ask({ title: t("correct report"), what: t("correcting says"), fields: [{ name: "severity", label: t("report how bad"), kind: "select", options: colours, value: detail.severity }, { name: "place", label: t("report place in words"), value: detail.place }, { name: "text", label: t("report what is seen"), value: detail.text }], act: t("correct report") });
    if (answer) await act("PATCH", "", answer, t("the report is corrected"));
  }
  async function join() {
    const options = others(detail).map(function (one) { return { value: String(one.id), label: t("report number {n}", { n: one.id }) + " · " + placeName(one) + " · " + anlan.when(one.observed_at) }; });
    const answer = await anlan.ask({ title: t("join report"), what: t("joining says"), fields: [{ name: "to", label: t("report of the same danger"), kind: "select", options: options }], act: t("join report") });
    if (answer) await act("POST", "/join", { to: Number(answer.to) }, t("the reports are joined"));
  }
  async function close() {
    const answer = await anlan.ask({ title: t("danger is over") + " · " + kindName(detail), what: t("closing says"), grave: true, fields: [{ name: "reason", label: t("how it is known"), needed: true }], act: t("danger is over") });
    if (answer) await act("POST", "/close", { reason: answer.reason }, t("the danger is over"));
  }
})(window.anlan);
