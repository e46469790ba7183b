/* The composer. The server says what exactly would go to whom (POST orders/preview); nothing here guesses. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t;
  const CHANNELS = ["sms", "led", "loudspeaker"], WAIT_MS = 600;
  let root = null, alarm = null, before = null, mode = "new", dirty = false, done = false, asked = 0, timer = 0, shown = null, looked = false, title = null;
  const chosen = { towns: new Set(), below: new Set(), posts: new Set(), channels: new Set(CHANNELS), severity: null };
  let templates = [];

  anlan.pageScript("compose", function (found) {
    root = found;
    title = el("input", { id: "title", type: "text", maxLength: 100, autocomplete: "off" });
    byId("title-place").append(title);
    title.addEventListener("input", changed);
    byId("hours").value = "2";
    byId("hours").addEventListener("change", changed);
    byId("template").addEventListener("change", function () { useTemplate(byId("template").value); });
    CHANNELS.forEach(function (channel) {
      byId("text-" + channel).addEventListener("input", changed);
      byId("use-" + channel).addEventListener("click", function () { toggle(chosen.channels, channel); changed(); });
    });
    byId("severity").querySelectorAll("button").forEach(function (button) {
      button.addEventListener("click", function () { chosen.severity = chosen.severity === button.dataset.severity ? null : button.dataset.severity; changed(); });
    });
    byId("all-towns").addEventListener("click", function () { all(chosen.towns, towns().map(function (one) { return one.code; })); chosen.below.clear(); changed(); fillTemplates(); });
    byId("all-posts").addEventListener("click", function () { all(chosen.posts, posts().map(function (one) { return one.post; })); changed(); });
    byId("listen").addEventListener("click", function () { if (shown && shown.audio_url) anlan.listen(byId("listen"), shown.audio_url); });
    byId("submit").addEventListener("click", submit);
    window.addEventListener("beforeunload", function (event) { if (dirty && !done) event.preventDefault(); });
    begin();
  });

  function byId(id) { return anlan.byId(id); }
  function areas() { return anlan.page.home.areas || []; }
  function areaOf(code) { return areas().find(function (one) { return one.code === code; }) || null; }
  function towns() { return areas().filter(function (one) { return one.kind === "town"; }); }
  function townOf(code) { for (let one = areaOf(code); one; one = areaOf(one.parent)) if (one.kind === "town") return one.code; return null; }
  function below() {
    if (chosen.towns.size !== 1) return [];
    const town = Array.from(chosen.towns)[0];
    return areas().filter(function (one) { return one.kind !== "town" && one.kind !== "county" && townOf(one.code) === town; });
  }
  /* Posts of the persons in the chosen areas, with how many hold each. */
  function posts() {
    const counted = new Map();
    (anlan.page.home.posts || []).forEach(function (row) {
      if (chosen.towns.size && !chosen.towns.has(townOf(row.area))) return;
      if (chosen.below.size && !chosen.below.has(row.area) && !chosen.towns.has(row.area)) return;
      counted.set(row.post, (counted.get(row.post) || 0) + row.persons);
    });
    return Array.from(counted, function (pair) { return { post: pair[0], n: pair[1] }; });
  }
  function toggle(set, value) { set[set.has(value) ? "delete" : "add"](value); }
  function all(set, values) { const every = values.every(function (one) { return set.has(one); }); set.clear(); if (!every) values.forEach(function (one) { set.add(one); }); }

  /* from an alarm, from an order that is corrected or edited, or from nothing */
  async function begin() {
    const asks = new URLSearchParams(window.location.search);
    try {
      if (asks.get("correct") || asks.get("edit")) {
        mode = asks.get("correct") ? "correct" : "edit";
        before = await anlan.api("GET", "/orders/" + (asks.get("correct") || asks.get("edit")));
        alarm = before.alarm;
        take(before);
        (before.selection.areas || []).forEach(function (code) { const town = townOf(code); if (town) chosen.towns.add(town); if (town && town !== code) chosen.below.add(code); });
        if ((before.selection.areas || []).some(function (code) { const one = areaOf(code); return one && one.kind === "county"; })) all(chosen.towns, towns().map(function (one) { return one.code; }));
        (before.selection.posts || []).forEach(function (post) { chosen.posts.add(post); });
        chosen.severity = before.severity;
        chosen.channels = new Set([before.selection.sms ? "sms" : "", before.selection.led ? "led" : "", before.selection.loudspeakers ? "loudspeaker" : ""].filter(Boolean));
        anlan.fill(byId("compose-head"), { from: t(mode === "correct" ? "corrects {number}" : "edits {number}", { number: before.number + " " + before.title }) });
      } else if (asks.get("alarm")) {
        alarm = Number(asks.get("alarm"));
        const row = await anlan.api("GET", "/alarms/" + alarm);
        chosen.severity = row.severity;
        const town = row.area ? townOf(row.area) : null;
        if (town) chosen.towns.add(town);
      }
    } catch (error) { anlan.notice(error.message, true); }
    await fillTemplates(mode === "new" && alarm !== null);
    paint();
    if (title.value) look();
  }

  function area() {
    const list = selection();
    if (list.length === 1) return list[0];
    const inTowns = new Set(list.map(townOf));
    if (inTowns.size === 1 && !inTowns.has(null)) return Array.from(inTowns)[0];
    const county = areas().find(function (one) { return one.kind === "county"; });
    return county ? county.code : list[0] || "";
  }
  function selection() {
    if (chosen.below.size) return Array.from(chosen.below);
    const every = towns();
    if (every.length && every.every(function (one) { return chosen.towns.has(one.code); })) {
      const county = areas().find(function (one) { return one.kind === "county"; });
      if (county) return [county.code];
    }
    return Array.from(chosen.towns);
  }

  let templatesFor = "";
  async function fillTemplates(useSuggested) {
    const place = selection().length ? area() : (areas().find(function (one) { return one.kind === "county"; }) || {}).code;
    if (!place) return;
    const key = place + "/" + alarm + "/" + chosen.severity;
    if (templatesFor === key) return;
    templatesFor = key;
    try {
      templates = await anlan.api("GET", "/orders/templates?area=" + encodeURIComponent(place) + (alarm ? "&alarm=" + alarm : "") + (chosen.severity ? "&severity=" + chosen.severity : ""));
    } catch (error) { anlan.notice(error.message, true); return; }
    const select = byId("template"), kept = select.value;
    select.replaceChildren(el("option", { value: "" }, t("no template")));
    templates.forEach(function (one) { select.append(el("option", { value: one.name }, one.title)); });
    const suggested = templates.find(function (one) { return one.suggested; });
    const wanted = useSuggested && suggested ? suggested.name : kept;
    select.value = wanted;
    if (wanted && !dirty) take(templates.find(function (one) { return one.name === wanted; }));
  }
  function take(texts) {
    if (!texts) return;
    title.value = texts.title || "";
    byId("text-sms").value = texts.text || "";
    byId("text-led").value = texts.led_text || "";
    byId("text-loudspeaker").value = texts.spoken_text || "";
  }
  async function useTemplate(name) {
    const found = templates.find(function (one) { return one.name === name; });
    if (!found) return;
    if (dirty && title.value && !(await anlan.ask({ title: t("template") + " · " + found.title, what: t("the template replaces the texts"), act: t("use the template") }))) return;
    take(found);
    dirty = false;
    paint();
    later();
  }

  function changed(event) {
    if (event && event.type === "input") dirty = true;
    paint();
    later();
  }
  /* What is shown no longer holds; nothing can be submitted until the server has said it anew. */
  function later() { looked = false; paint(); window.clearTimeout(timer); timer = window.setTimeout(look, WAIT_MS); }

  function picks(box, list, set, after) {
    anlan.sync(box, list, function (one) { return one.value; },
      function (one) {
        const button = el("button", { type: "button" }, el("span", { "data-part": "text" }));
        button.addEventListener("click", function () { toggle(set, one.value); after(one.value); changed(); });
        return button;
      },
      function (node, one) { anlan.fill(node, { text: one.label }); node.setAttribute("aria-pressed", String(set.has(one.value))); node.title = one.note || ""; });
  }

  function paint() {
    if (!root) return;
    const risk = function (one) { return one.at_risk ? t("{n} at risk", { n: one.at_risk }) : ""; };
    picks(byId("towns"), towns().map(function (one) { return { value: one.code, label: anlan.nameOf(one), note: risk(one) }; }), chosen.towns, function () { chosen.below.clear(); fillTemplates(); });
    let sub = byId("below");
    if (!sub) { sub = el("div.picks.sub", { id: "below" }); byId("towns").after(sub); }
    picks(sub, below().map(function (one) { return { value: one.code, label: anlan.nameOf(one), note: risk(one) }; }), chosen.below, function () { });
    picks(byId("posts"), posts().map(function (one) { return { value: one.post, label: one.post + " " + one.n }; }), chosen.posts, function () { });
    byId("severity").querySelectorAll("button").forEach(function (button) { button.setAttribute("aria-pressed", String(button.dataset.severity === chosen.severity)); });
    CHANNELS.forEach(function (channel) {
      const on = chosen.channels.has(channel), box = byId("box-" + channel), length = byId("text-" + channel).value.length;
      byId("use-" + channel).setAttribute("aria-pressed", String(on));
      box.classList.toggle("off", !on);
      anlan.fill(box, { count: channel === "sms" && shown && on && shown.persons.length ? t("{n} characters, {parts} parts", { n: shown.sms_units, parts: shown.sms_parts }) : t("{n} characters", { n: length }) });
    });
    const ready = Boolean(shown);
    document.querySelectorAll("#steps li").forEach(function (step) { step.classList.toggle("now", step.dataset.step === (ready ? "look" : "write")); });
    byId("submit").disabled = !ready || !looked || !anlan.mayDo("draft_order");
    byId("preview").classList.toggle("waiting", ready && !looked);
    anlan.fill(byId("compose-foot"), { hint: t(shown && !shown.public ? "draft hint inner" : "draft hint") });
  }

  function draft() {
    return {
      area: area(), severity: chosen.severity, title: title.value.trim(), text: byId("text-sms").value.trim(),
      led_text: byId("text-led").value.trim() || null, spoken_text: byId("text-loudspeaker").value.trim() || null,
      ends_at: new Date(anlan.now() + Number(byId("hours").value) * 3600000).toISOString(), alarm: alarm, exercise: anlan.page.exercise,
      selection: {
        areas: selection(), posts: Array.from(chosen.posts), sms: chosen.channels.has("sms"), led: chosen.channels.has("led"),
        loudspeakers: chosen.channels.has("loudspeaker"), persons: before ? before.selection.persons : [], devices: before ? before.selection.devices : [],
      },
    };
  }

  async function look() {
    const wanted = draft(), mine = ++asked;
    if (!wanted.title || !wanted.text || !(wanted.selection.areas.length || wanted.selection.persons.length || wanted.selection.devices.length)) { shown = null; show([]); return; }
    anlan.fill(byId("preview-box"), { age: t("is being rendered") });
    let found = null, fault = "";
    try { found = await anlan.api("POST", "/orders/preview", wanted); } catch (error) { fault = error.message; }
    if (mine !== asked) return;
    anlan.fill(byId("preview-box"), { age: "" });
    shown = found;
    looked = Boolean(found);
    show(fault ? [t("preview could not be made: {fault}", { fault: fault })] : []);
  }

  anlan.reach = function (found) {
    const parts = [];
    if (found.persons) parts.push(t("{n} people by SMS", { n: found.persons }));
    if (found.screens) parts.push(t("{n} LED screens", { n: found.screens }));
    if (found.loudspeakers) parts.push(t("{n} loudspeakers", { n: found.loudspeakers }));
    return parts.join(anlan.page.language === "en" ? ", " : "、") || t("none");
  };
  function sentence() {
    const counts = { persons: shown.persons.length, screens: shown.screens.length, loudspeakers: shown.loudspeakers.length };
    return [anlan.reach(counts), t("in {n} areas", { n: shown.villages }), t("about {time}", { time: anlan.spell(shown.seconds) })].join(anlan.page.language === "en" ? ", " : "，");
  }

  function show(faults) {
    anlan.show(byId("preview-none"), !shown && !faults.length);
    anlan.show(byId("preview"), Boolean(shown) || faults.length > 0);
    const list = faults.slice();
    if (shown && shown.withheld) list.push(t("{n} persons have no drill phone and will not be called", { n: shown.withheld }));
    const off = shown ? shown.screens.concat(shown.loudspeakers).filter(function (one) { return one.online === false || one.online === null; }) : [];
    if (off.length) list.push(t("{n} devices are offline now: {names}", { n: off.length, names: off.slice(0, 5).map(anlan.nameOf).join(anlan.page.language === "en" ? ", " : "、") }));
    anlan.sync(byId("preview-faults"), list, function (one) { return one; }, function (one) { return el("li", {}, one); }, function () { });
    ["sentence", "sms", "led", "spoken"].forEach(function (name) { anlan.show(byId("preview-" + name + (name === "sentence" ? "" : "-box")), Boolean(shown)); });
    byId("preview-people").parentNode.hidden = !shown;
    paint();
    if (!shown) return;
    anlan.fill(byId("preview"), { sentence: sentence(), audio: shown.audio_s ? t("{n} s of speech", { n: Math.round(shown.audio_s) }) : "" });
    anlan.show(byId("preview-sms-box"), shown.persons.length > 0);
    put(byId("preview-sms"), shown.sms);
    const pages = [];
    shown.led.forEach(function (size) { size.pages.forEach(function (page, i) { pages.push({ key: size.columns + "x" + size.rows + "/" + i, page: page, size: size, i: i }); }); });
    anlan.show(byId("preview-led-box"), pages.length > 0);
    anlan.sync(byId("preview-led"), pages, function (one) { return one.key; },
      function () { return el("div.led-face", {}, el("span", { "data-part": "text" }), el("small", { "data-part": "note" })); },
      function (node, one) { anlan.fill(node, { text: one.page.join("\n"), note: one.size.columns + "×" + one.size.rows + " · " + t("{n} LED screens", { n: one.size.devices.length }) + " · " + t("page {n} of {total}", { n: one.i + 1, total: one.size.pages.length }) }); });
    anlan.show(byId("preview-spoken-box"), shown.loudspeakers.length > 0);
    put(byId("preview-spoken"), shown.spoken || "");
    anlan.show(byId("listen-box"), Boolean(shown.audio_url));
    const people = shown.persons.map(function (one) { return { key: "p" + one.code, text: one.area_name + " " + one.name, note: one.post }; })
      .concat(shown.screens.concat(shown.loudspeakers).map(function (one) { return { key: "d" + one.code, text: anlan.nameOf(one), note: one.online ? "" : t("offline") }; }));
    const visible = people.slice(0, 120);
    if (people.length > visible.length) visible.push({ key: "more", text: t("and {n} others", { n: people.length - visible.length }), note: "" });
    anlan.sync(byId("preview-people"), visible, function (one) { return one.key; },
      function () { return el("div", {}, el("span", { "data-part": "text" }), " ", el("span.muted", { "data-part": "note" })); },
      function (node, one) { anlan.fill(node, { text: one.text, note: one.note }); });
  }

  async function submit() {
    if (!shown || !looked) return;
    const answer = await anlan.ask({ title: t("submit the draft") + " · " + title.value, what: sentence() + "\n" + t(shown.public ? "draft hint" : "draft hint inner"), act: t("submit the draft") });
    if (!answer) return;
    byId("submit").disabled = true;
    try {
      const body = draft();
      let id = null;
      if (mode === "edit") { await anlan.api("PUT", "/orders/" + before.id, body); id = before.id; }
      else id = (await anlan.api("POST", mode === "correct" ? "/orders/" + before.id + "/correct" : "/orders", body)).id;
      done = true;
      window.location.assign(anlan.link("/orders/" + id));
    } catch (error) { anlan.notice(error.message, true); byId("submit").disabled = false; }
  }

  anlan.onChange(function (changedKinds) {
    if (!root || !alarm || !changedKinds.has("alarms") || mode !== "new") return;
    const row = anlan.model.alarms.get(String(alarm));
    if (row) anlan.fill(byId("compose-head"), { from: t("from alarm {what}", { what: anlan.alarmTitle(row) }) });
  });
})(window.anlan);
