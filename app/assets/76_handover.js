/* The hand-over of a desk: the note of who leaves, and the sound that who comes must have heard. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId, duty = anlan.duty || (anlan.duty = {});
  let desk = "", state = null, history = [], note = null, remark = null, written = "", heard = [0, 0], sound = null, playing = null;

  duty.handover = function () {
    state = null; heard = [0, 0]; sound = null; written = "";
    desk = anlan.page.area || "";
    note = el("textarea", { id: "handover-note", rows: 9, maxLength: 8000, "aria-label": t("duty note") });
    byId("handover-note-box").replaceChildren(el("label.field", { htmlFor: "handover-note" }, t("duty note")), note);
    remark = el("input", { id: "handover-remark", maxLength: 500, placeholder: t("duty remark"), "aria-label": t("duty remark") });
    byId("handover-remark-box").replaceChildren(remark);
    byId("handover-desk").addEventListener("change", function (event) { desk = event.target.value; state = null; written = ""; note.value = ""; forget(); duty.renew(); });
    byId("handover-sign").addEventListener("click", sign);
    byId("handover-back").addEventListener("click", takeBack);
    byId("handover-play").addEventListener("click", play);
    byId("handover-confirm").addEventListener("click", confirm);
    [0, 1].forEach(function (group) {
      anlan.choice(byId("beeps-" + group), "beeps", function (value) { heard[group] = Number(value); buttons(); });
    });
  };

  duty.renewHandover = async function () {
    const of = desk;
    const answers = await Promise.all([anlan.api("GET", "/duty/brief" + (of ? "?area=" + encodeURIComponent(of) : "")), anlan.api("GET", "/duty/handovers?limit=30")]);
    if (of !== desk) return;
    const before = state && state.waiting ? state.waiting.id : null;
    state = answers[0]; history = answers[1];
    desk = state.area;
    if ((state.waiting ? state.waiting.id : null) !== before) forget();
    paint();
  };

  function forget() {
    heard = [0, 0]; sound = null;
    if (playing) { playing.pause(); playing = null; }
    document.querySelectorAll(".beeps button").forEach(function (button) { button.setAttribute("aria-pressed", "false"); });
    anlan.show(byId("handover-heard"), false);
    buttons();
  }
  function buttons() {
    const go = byId("handover-confirm");
    if (go) go.disabled = !(sound && heard[0] && heard[1]);
  }

  function alarmText(one) {
    const title = one.title && (one.title[anlan.page.language] || one.title.zh);
    const limit = one.limit ? " " + anlan.limitName(one.limit) : "";
    return (title || one.name + limit) + (one.severity ? " " + t("colour " + one.severity) : "") + " " + t("state " + one.state) + (one.to_verify ? " " + t("to be verified") : "") + (one.until ? " " + t("until {time}", { time: anlan.soon(one.until) }) : "");
  }
  function orderText(one) {
    return one.number + " " + one.title + " " + t("order state " + one.state) + (one.waiting ? " · " + t("duty waiting {n}", { n: one.waiting }) : "");
  }
  function lists(brief) {
    return [
      ["alarms", brief.alarms.map(alarmText)], ["orders", brief.orders.map(orderText)],
      ["hidden", brief.hidden.map(function (one) { return alarmText(one) + (one.reason ? duty.brackets(one.reason) : ""); }).concat(brief.out_of_service.map(function (one) { return anlan.nameOf(one) + " " + t("reporting out_of_service") + (one.until ? " " + t("until {time}", { time: anlan.soon(one.until) }) : "") + (one.reason ? duty.brackets(one.reason) : ""); }))
        .concat(brief.requests.map(function (one) { return t("duty asks " + one.kind) + " " + one.subject + duty.brackets(one.reason); }))],
      ["faults", brief.silent.map(function (name) { return name + " " + t("reporting silent"); })],
    ];
  }
  /* What the note begins with; it is written anew only while nobody has changed it. */
  function draft(brief) {
    return lists(brief).map(function (one) {
      const items = one[1].slice(0, 20), more = one[1].length - items.length;
      return "[" + t("duty brief " + one[0]) + "] " + (items.length ? items.join(t("duty semicolon")) + (more ? t("duty semicolon") + t("and {n} more", { n: more }) : "") : t("none"));
    }).join("\n") + "\n[" + t("duty brief other") + "] ";
  }

  function paintDesks() {
    const select = byId("handover-desk"), desks = duty.desks().filter(function (one) { return one.signs_in || one.area === desk || !one.unlisted; });
    const key = desks.map(function (one) { return one.area; }).join() + anlan.page.language;
    if (select.anlanKey !== key) {
      select.anlanKey = key;
      select.replaceChildren();
      desks.forEach(function (one) { select.append(el("option", { value: one.area }, anlan.nameOf(one))); });
    }
    if (select.value !== desk) select.value = desk;
  }

  function paint() {
    if (!byId("tab-handover") || !state) return;
    paintDesks();
    const waiting = state.waiting, may = anlan.mayDo("hand_over");
    const brief = waiting ? waiting.brief : state.brief;
    anlan.sync(byId("handover-brief"), lists(brief), function (one) { return one[0]; }, function (one) {
      return el("div", {}, el("b", { "data-part": "n" }), el("span", {}, t("duty brief " + one[0])));
    }, function (node, one) {
      anlan.fill(node, { n: one[1].length });
      anlan.cls(node, one[1].length ? "some" : "");
      node.title = one[1].slice(0, 30).join("\n");
    });
    if (!waiting) {
      const fresh = draft(state.brief);
      if (note.value === written) { if (note.value !== fresh) note.value = fresh; written = fresh; }
    }
    put(byId("handover-state"), t(waiting ? "duty state signed" : "duty state open"));
    anlan.show(byId("handover-note-box"), !waiting && may);
    anlan.show(byId("handover-sign"), !waiting && may);
    anlan.show(byId("handover-back"), Boolean(waiting) && state.mine && may);
    anlan.show(byId("handover-read"), Boolean(waiting));
    put(byId("handover-read"), waiting ? waiting.note : "");
    anlan.show(byId("handover-listen"), Boolean(waiting) && !state.mine && may);
    put(byId("handover-said"), waiting
      ? t(state.mine ? "duty signed by you {time}" : "duty signed by {name} {time}", { name: nameOf(waiting, "outgoing"), time: anlan.when(waiting.signed_at) })
      : may ? t("duty sign how") : t("duty only officers"));
    paintHistory();
  }

  duty.paintHandover = paint;

  function nameOf(one, side) { return one[side + "_person"] ? one[side + "_person"] + duty.brackets(one[side]) : one[side]; }

  function paintHistory() {
    anlan.show(byId("handover-history-none"), !history.length);
    anlan.sync(byId("handover-history"), history, function (one) { return one.id; }, function () {
      const body = el("pre.duty-note", { hidden: true, "data-part": "note" });
      const head = el("button.history-head", { type: "button", "aria-expanded": "false" }, el("strong", { "data-part": "when" }), el("span", { "data-part": "who" }), el("span.muted.small", { "data-part": "how" }));
      head.addEventListener("click", function () { body.hidden = !body.hidden; head.setAttribute("aria-expanded", String(!body.hidden)); });
      return el("li", {}, head, body);
    }, function (node, one) {
      anlan.fill(node, {
        when: anlan.soon(one.confirmed_at || one.signed_at),
        who: anlan.nameOf({ name: one.area_name, name_en: one.area_name_en }) + " · " + nameOf(one, "outgoing") + " → " + (one.incoming ? nameOf(one, "incoming") : "…"),
        how: one.confirmed_at ? t("duty heard {n}", { n: one.tries }) : t(one.withdrawn_at ? "duty taken back" : "duty state signed"),
        note: one.note + (one.remark ? "\n" + t("duty remark") + ": " + one.remark : ""),
      });
      anlan.cls(node, one.confirmed_at ? "" : "open");
    });
  }

  async function sign() {
    const text = note.value.trim();
    if (!text) { anlan.notice(t("duty fault note_missing"), true); note.focus(); return; }
    const name = duty.areaName(desk);
    const sure = await anlan.ask({ title: t("duty sign"), what: t("duty sign what {area}", { area: name }), act: t("duty sign") });
    if (!sure) return;
    try {
      await anlan.api("POST", "/duty/handovers", { area: desk, note: text });
      anlan.notice(t("duty signed"));
      written = note.value = "";
    } catch (error) { anlan.notice(duty.said(error, "duty waits already"), true); }
    duty.renew();
  }
  async function takeBack() {
    try { await anlan.api("POST", "/duty/handovers/" + state.waiting.id + "/take-back", {}); anlan.notice(t("duty taken back")); }
    catch (error) { anlan.notice(duty.said(error, "duty changed"), true); }
    duty.renew();
  }

  async function play() {
    const button = byId("handover-play"), fault = byId("handover-heard");
    button.disabled = true;
    forget();
    try {
      const asked = await anlan.api("POST", "/duty/handovers/" + state.waiting.id + "/sound", {});
      playing = new Audio(asked.url);
      playing.addEventListener("ended", function () { put(button, t("duty play again")); });
      await playing.play();
      sound = asked;
      put(button, t("duty playing"));
    } catch (error) {
      put(fault, error.status === 409 ? t("duty rests") : error.status ? duty.said(error) : t("duty cannot play"));
      anlan.show(fault, true);
      put(button, t("duty play again"));
    }
    button.disabled = false;
    buttons();
  }

  async function confirm() {
    const fault = byId("handover-heard");
    try {
      const done = await anlan.api("POST", "/duty/handovers/" + state.waiting.id + "/confirm", { heard: heard, remark: remark.value.trim() });
      if (done.confirmed) { anlan.notice(t("duty confirmed")); remark.value = ""; forget(); put(byId("handover-play"), t("duty play")); }
      else { forget(); put(fault, t("duty heard wrong")); anlan.show(fault, true); put(byId("handover-play"), t("duty play again")); }
    } catch (error) {
      const text = duty.said(error, "duty sound over");
      forget();
      put(fault, text);
      anlan.show(fault, true);
    }
    duty.renew();
  }
})(window.anlan);
