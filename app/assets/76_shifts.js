/* Shifts: made and changed with the next fourteen days beside them; turns are made from them. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t, duty = anlan.duty, DAY_MS = 86400000, MOST_FAULTS = 4;
  const WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

  /* Areas that have a desk, as a select has them. */
  duty.deskOptions = function () {
    return (anlan.page.home.areas || []).filter(function (area) { return (area.kind === "county" || area.kind === "town") && duty.inside(area, anlan.page.area); })
      .map(function (area) { return [area.code, anlan.nameOf(area)]; });
  };
  duty.personPairs = function (first) {
    const near = function (one) { return one.area === first ? 0 : 1; };
    return duty.persons.slice().sort(function (one, other) { return near(one) - near(other); })
      .map(function (one) { return [one.code, duty.areaName(one.area) + " · " + one.name + duty.brackets(one.post)]; });
  };

  duty.planSaid = function (old) {
    return function (error) { return error.status === 409 ? t(old ? "duty plan changed" : "duty plan exists") : duty.said(error); };
  };

  /* `old` is the shift that is changed, null makes a new one. What was kept, or null. */
  duty.editShift = function (old) {
    const desks = duty.deskOptions(), state = { rota: old ? old.rota.map(function (entry) { return entry.slice(); }) : [], days: new Set(old ? old.days : [1, 2, 3, 4, 5, 6, 7]) };
    const field = {
      name: el("input", { name: "name", maxLength: 200, value: old ? old.name : "" }),
      code: el("input", { name: "code", maxLength: 64, value: old ? old.code : "", disabled: Boolean(old), placeholder: "night-1" }),
      area: anlan.select(desks, old ? old.area : (desks[0] || [""])[0], { name: "area", disabled: Boolean(old) }),
      position: anlan.select([["duty", t("duty officer")], ["leader", t("duty leader")]], old ? old.position : "duty", { name: "position", disabled: Boolean(old) }),
      starts: anlan.timeOfDay("starts", old ? old.starts : "08:30"),
      ends: anlan.timeOfDay("ends", old ? old.ends : "08:30"),
      first: el("input", { name: "first_day", type: "date", value: old ? old.first_day : anlan.date(anlan.now()) }),
      active: el("input", { name: "active", type: "checkbox", checked: old ? old.active : true }),
    };
    const rota = el("ol.rota"), add = el("select", { name: "rota-add", "aria-label": t("duty rota add") });
    const body = el("div.shift-editor", {},
      el("div.editor-grid", {},
        anlan.labelled(t("duty plan name"), field.name), anlan.labelled(t("duty plan code"), field.code),
        anlan.labelled(t("duty desk"), field.area), anlan.labelled(t("duty position"), field.position),
        anlan.labelled(t("duty shift starts"), field.starts), anlan.labelled(t("duty shift ends"), field.ends)),
      el("div.field", {}, el("span", {}, t("duty shift days")), dayButtons()),
      anlan.labelled(t("duty shift first day"), field.first),
      el("div.field", {}, el("span", {}, t("duty shift rota")), el("p.muted.small", {}, t("duty rota hint")), rota, add),
      old ? el("label.check", {}, field.active, el("span", {}, t("duty shift in use"))) : "");

    function changed() { paintRota(); body.anlanChanged(); }
    function dayButtons() {
      const box = el("div.switch.week", { role: "group", "aria-label": t("duty shift days") });
      WEEK.forEach(function (name, n) {
        const button = el("button", { type: "button", "data-day": n + 1, "aria-pressed": String(state.days.has(n + 1)), onclick: function () {
          if (!state.days.delete(n + 1)) state.days.add(n + 1);
          button.setAttribute("aria-pressed", String(state.days.has(n + 1)));
          body.anlanChanged();
        } }, t("weekday " + name));
        box.append(button);
      });
      return box;
    }
    function adder(select, label, taken, chosen) {
      select.replaceChildren(el("option", { value: "" }, label));
      duty.personPairs(field.area.value).filter(function (one) { return !taken.includes(one[0]); }).forEach(function (one) { select.append(el("option", { value: one[0] }, one[1])); });
      select.onchange = function (event) { event.stopPropagation(); if (select.value) { chosen(select.value); changed(); } };
      select.oninput = function (event) { event.stopPropagation(); };
    }
    function paintRota() {
      rota.replaceChildren();
      state.rota.forEach(function (entry, n) {
        const names = el("span.rota-names"), together = el("select.rota-with", { "aria-label": t("duty rota with") });
        entry.forEach(function (code, m) {
          names.append(el("button.chip", { type: "button", title: t("duty rota take off"), "aria-label": t("duty rota take off") + " " + duty.nameOf(code), onclick: function () {
            entry.splice(m, 1);
            if (!entry.length) state.rota.splice(n, 1);
            changed();
          } }, duty.nameOf(code) + " ✕"));
        });
        adder(together, t("duty rota with"), entry, function (code) { entry.push(code); });
        rota.append(el("li", {}, el("b", {}, String(n + 1)), names, together,
          el("button", { type: "button", disabled: n === 0, "aria-label": t("duty rota earlier"), title: t("duty rota earlier"), onclick: function () { state.rota.splice(n - 1, 0, state.rota.splice(n, 1)[0]); changed(); } }, "↑")));
      });
      adder(add, t("duty rota add"), [], function (code) { state.rota.push([code]); });
    }
    function entry() {
      return {
        code: field.code.value.trim(), name: field.name.value.trim(), area: field.area.value, position: field.position.value, starts: field.starts.value,
        ends: field.ends.value, days: Array.from(state.days).sort(), first_day: field.first.value, rota: state.rota, active: field.active.checked, seen: old ? old.set_at : null,
      };
    }
    paintRota();
    if (!old) field.area.addEventListener("change", paintRota);
    return anlan.editor({
      title: old ? t("duty shift change {name}", { name: old.name }) : t("duty shift new"), body: body, act: t("duty keep"), said: duty.planSaid(old),
      missing: function () {
        const one = entry();
        return !one.name || !one.code || !one.first_day ? t("duty fill in") : !anlan.isTimeOfDay(one.starts) || !anlan.isTimeOfDay(one.ends) ? t("duty time of day") : !one.days.length ? t("duty fault bad_days") : !one.rota.length ? t("duty rota needed") : "";
      },
      look: async function () { return outlook(await anlan.api("POST", "/duty/shifts/preview", entry()), entry()); },
      save: async function () {
        const done = await anlan.api("POST", "/duty/shifts", entry());
        anlan.notice(done.removed ? t("duty shift kept removed {n}", { n: done.removed }) : t("duty shift kept"));
        return entry();
      },
    });
  };

  /* The desk's next fourteen days. */
  function outlook(told, shift) {
    const node = el("div.outlook", {}, el("h3", {}, t("duty outlook {area} {position}", { area: duty.areaName(shift.area), position: shift.position === "leader" ? t("duty leader") : t("duty officer") })));
    if (!shift.active) node.append(el("p.outlook-fault", {}, t("duty shift goes")));
    const faults = told.gaps.map(function (one) { return t("duty outlook gap {from} {to}", { from: anlan.soon(one.starts), to: anlan.soon(one.ends) }); }).concat(told.clashes.map(function (one) {
      return t("duty clash {name} {one} {other} {from} {to}", { name: one.person ? one.person.name : "", one: duty.areaName(one.first_area), other: duty.areaName(one.second_area), from: anlan.soon(one.starts), to: anlan.soon(one.ends) });
    }));
    faults.slice(0, MOST_FAULTS).forEach(function (text) { node.append(el("p.outlook-fault", {}, text)); });
    if (faults.length > MOST_FAULTS) node.append(el("p.outlook-fault", {}, t("duty outlook more {n}", { n: faults.length - MOST_FAULTS })));
    if (!told.gaps.length && !told.clashes.length) node.append(el("p.muted", {}, t("duty outlook whole")));
    const list = el("ol.outlook-turns"), together = new Map();
    told.turns.forEach(function (turn) {
      const key = turn.starts + turn.ends;
      if (!together.has(key)) together.set(key, []);
      together.get(key).push(turn);
    });
    Array.from(together.values()).forEach(function (turns) {
      const first = turns[0], week = new Date(first.starts).toLocaleDateString("en-US", { weekday: "short", timeZone: anlan.page.zone });
      const ends = anlan.date(first.ends) === anlan.date(first.starts) ? anlan.clock(first.ends) : anlan.date(first.ends).slice(5) + " " + anlan.clock(first.ends);
      list.append(el("li", {}, el("span.muted", {}, anlan.date(first.starts).slice(5) + " " + t("weekday " + week) + " " + anlan.clock(first.starts) + "–" + ends), el("span", {}, turns.map(duty.whoOf).join(t("duty comma")))));
    });
    node.append(list);
    return node;
  }

  /* Makes the turns of a shift; `then` runs after it. */
  duty.makeTurns = async function (shift, then) {
    const today = anlan.date(anlan.now());
    const given = await anlan.ask({ title: t("duty make"), what: t("duty make what {name}", { name: duty.areaName(shift.area) + " · " + shift.name }), act: t("duty make"), fields: [
      { name: "since", kind: "date", label: t("duty first day"), needed: true, value: today, fault: t("duty fault bad_span") },
      { name: "until", kind: "date", label: t("duty last day"), needed: true, value: anlan.date(anlan.now() + 30 * DAY_MS), fault: t("duty fault bad_span") },
    ] });
    if (!given) return;
    try {
      const done = await anlan.api("POST", "/duty/shifts/" + encodeURIComponent(shift.code) + "/make", given);
      anlan.notice(t("duty made {n}", { n: done.made }));
    } catch (error) { anlan.notice(duty.said(error), true); }
    then();
  };
})(window.anlan);
