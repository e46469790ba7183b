/* Chains of whom to call: made and changed with who would be called now and then beside them. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t, duty = anlan.duty;
  const HAZARDS = ["water", "rain", "tide", "weather", "report", "equipment"], COLOURS = ["red", "orange", "yellow", "blue"], MORE = ["sms2", "led", "loudspeaker"];

  function hazardPairs() { return HAZARDS.map(function (one) { return [one, t("class " + one)]; }); }
  function colourPairs() { return COLOURS.map(function (one) { return [one, t("colour " + one)]; }); }
  function areaPairs() {
    return (anlan.page.home.areas || []).filter(function (one) { return duty.inside(one, anlan.page.area); })
      .map(function (one) { return [one.code, (one.kind === "county" || one.kind === "town" ? "" : "· ") + anlan.nameOf(one)]; });
  }
  function posts() { return Array.from(new Set(duty.persons.map(function (one) { return one.post; }).filter(Boolean))).sort(); }
  function within(area, top) {
    const areas = anlan.page.home.areas || [];
    for (let one = areas.find(function (each) { return each.code === area; }); one; one = areas.find(function (each) { return each.code === one.parent; })) if (one.code === top) return true;
    return false;
  }

  /* `old` is the chain that is changed, null makes a new one. True if it was kept. */
  duty.editChain = function (old) {
    const areas = areaPairs(), members = old ? old.members.map(duty.memberOf) : [{ kind: "duty", name: "", both: false, area: "" }];
    const quiet = !old || !old.quiet ? "" : old.quiet.slice(0, 5) === old.quiet.slice(6) ? "never" : "own";
    const field = {
      name: el("input", { name: "name", maxLength: 200, value: old ? old.name : "" }),
      code: el("input", { name: "code", maxLength: 64, value: old ? old.code : "", disabled: Boolean(old), placeholder: "water-red" }),
      area: anlan.select(areas, old ? old.area : (areas[0] || [""])[0], { name: "area" }),
      hazard: anlan.select([["", t("duty any hazard")]].concat(hazardPairs()), old ? old.hazard : "", { name: "hazard" }),
      least: anlan.select([["", t("duty any colour")]].concat(colourPairs().map(function (one) { return [one[0], t("duty from colour {colour}", { colour: one[1] })]; })), old ? old.least : "", { name: "least" }),
      source: el("input", { name: "source", maxLength: 200, value: old ? old.source : "" }),
      ways: anlan.select([["", t("duty ways by severity")], ["own", t("duty ways own")]], old && old.channels ? "own" : "", { name: "ways" }),
      quiet: anlan.select([["", t("duty quiet setting")], ["never", t("duty never quiet")], ["own", t("duty quiet own")]], quiet, { name: "quiet" }),
      from: anlan.timeOfDay("quiet-from", quiet === "own" ? old.quiet.slice(0, 5) : "22:00"),
      to: anlan.timeOfDay("quiet-to", quiet === "own" ? old.quiet.slice(6) : "07:00"),
      active: el("input", { name: "active", type: "checkbox", checked: old ? old.active : true }),
    };
    const boxes = MORE.map(function (one) { return el("input", { type: "checkbox", name: one, checked: Boolean(old && old.channels && old.channels.includes(one)) }); });
    const own = el("div.ways", {}, el("span.muted", {}, t("duty ways always")), ...boxes.map(function (box, n) { return el("label.check", {}, box, el("span", {}, t("channel " + MORE[n]))); }));
    const hours = el("div.hours", {}, field.from, el("span", {}, "–"), field.to), list = el("ol.members");
    const body = el("div.chain-editor", {},
      el("div.editor-grid", {}, anlan.labelled(t("duty plan name"), field.name), anlan.labelled(t("duty plan code"), field.code)),
      anlan.labelled(t("duty chain area"), field.area),
      el("div.editor-grid", {}, anlan.labelled(t("duty chain hazard"), field.hazard), anlan.labelled(t("duty chain least"), field.least)),
      el("div.field", {}, el("span", {}, t("duty chain members")), el("p.muted.small", {}, t("duty chain members hint")), list,
        el("button", { type: "button", id: "member-add", onclick: function () { members.push({ kind: "duty", name: "", both: false, area: "" }); changed(); } }, t("duty member add"))),
      el("div.editor-grid", {}, el("div", {}, anlan.labelled(t("duty chain ways"), field.ways), own), el("div", {}, anlan.labelled(t("duty chain quiet"), field.quiet), hours)),
      anlan.labelled(t("duty chain source"), field.source),
      old ? el("label.check", {}, field.active, el("span", {}, t("duty chain in use"))) : "");
    const tried = {
      hazard: anlan.select(hazardPairs(), (old && old.hazard) || "water", { "aria-label": t("duty ask hazard") }),
      area: anlan.select(areas, field.area.value, { "aria-label": t("duty ask area") }),
      severity: anlan.select(colourPairs().concat([["", t("duty without colour")]]), (old && old.least) || "red", { "aria-label": t("duty ask severity") }),
      at: el("input", { type: "datetime-local", "aria-label": t("duty ask at"), title: t("duty ask at hint") }),
    };
    field.hazard.addEventListener("change", function () { if (field.hazard.value) tried.hazard.value = field.hazard.value; });
    field.least.addEventListener("change", function () { if (field.least.value) tried.severity.value = field.least.value; });
    field.area.addEventListener("change", function () { if (!within(tried.area.value, field.area.value)) tried.area.value = field.area.value; });
    body.addEventListener("change", paintChoices);

    function changed() { paintMembers(); body.anlanChanged(); }
    function paintChoices() { anlan.show(own, field.ways.value === "own"); anlan.show(hours, field.quiet.value === "own"); }
    function paintMembers() {
      list.replaceChildren();
      members.forEach(function (member, n) {
        const kind = anlan.select([["duty", t("duty officer")], ["leader", t("duty leader")], ["post", t("duty member post")], ["person", t("duty member person")]], member.kind, { "aria-label": t("duty member kind") });
        kind.onchange = function () { member.kind = kind.value; member.name = ""; member.both = false; member.area = ""; changed(); };
        const line = el("li", {}, kind);
        if (member.kind === "person" || member.kind === "post") {
          const names = member.kind === "person" ? duty.personPairs(field.area.value) : posts().map(function (one) { return [one, one]; });
          if (member.name && !names.some(function (one) { return one[0] === member.name; })) names.unshift([member.name, member.name]);
          const name = anlan.select([["", t("duty member choose")]].concat(names), member.name, { "aria-label": t("duty member choose") });
          name.onchange = function () { member.name = name.value; };
          line.append(name);
        }
        if (member.kind === "post") {
          const both = el("input", { type: "checkbox", checked: member.both, onchange: function () { member.both = both.checked; } });
          line.append(el("label.check", {}, both, el("span", {}, t("duty member both"))));
        }
        if (member.kind !== "person") {
          const area = anlan.select([["", t("duty member nearest")]].concat(areas), member.area, { "aria-label": t("duty member where") });
          area.onchange = function () { member.area = area.value; };
          line.append(area);
        }
        line.append(el("button", { type: "button", disabled: members.length === 1, "aria-label": t("duty member take off"), title: t("duty member take off"), onclick: function () { members.splice(n, 1); changed(); } }, "✕"));
        list.append(line);
      });
    }
    function chain() {
      return {
        code: field.code.value.trim(), name: field.name.value.trim(), area: field.area.value, hazard: field.hazard.value || null, least: field.least.value || null,
        members: members.map(duty.memberCode), channels: field.ways.value ? ["sms"].concat(MORE.filter(function (one, n) { return boxes[n].checked; })) : null,
        quiet: field.quiet.value === "own" ? field.from.value + "-" + field.to.value : field.quiet.value || null,
        active: field.active.checked, source: field.source.value.trim(), seen: old ? old.set_at : null,
      };
    }
    paintMembers();
    paintChoices();
    return anlan.editor({
      title: old ? t("duty chain change {name}", { name: old.name }) : t("duty chain new"), body: body, act: t("duty keep"), said: duty.planSaid(old),
      missing: function () {
        const one = chain(), unnamed = members.some(function (member) { return (member.kind === "post" || member.kind === "person") && !member.name; });
        return !one.name || !one.code || !one.source ? t("duty fill in") : unnamed ? t("duty member unnamed") : field.quiet.value === "own" && !(anlan.isTimeOfDay(field.from.value) && anlan.isTimeOfDay(field.to.value)) ? t("duty time of day") : "";
      },
      look: async function () {
        const told = await anlan.api("POST", "/duty/chains/preview", {
          chain: chain(), hazard: tried.hazard.value, area: tried.area.value, severity: tried.severity.value || null, at: tried.at.value ? anlan.fromLocal(tried.at.value) : null,
        });
        return el("div.outlook", {}, el("h3", {}, t("duty chain tried")), el("div.duty-form", {}, tried.hazard, tried.area, tried.severity, tried.at),
          called(t("duty called now"), told.now), called(t("duty called then"), told.then), steps(told.then));
      },
      save: async function () { await anlan.api("POST", "/duty/chains", chain()); anlan.notice(t("duty chain kept")); return true; },
    });
  };

  function called(title, told) {
    const box = el(told.persons.length ? "div.called" : "div.called.loud", {}, el("h4", {}, title));
    if (!told.persons.length) box.append(el("strong", {}, t("duty would call nobody")));
    told.persons.forEach(function (one) { box.append(el("div", {}, el("strong", {}, one.name), " ", el("span.muted.small", {}, duty.areaName(one.area) + " · " + one.post))); });
    const more = [told.channels.map(function (one) { return t("channel " + one); }).join(" + ")];
    if (told.quiet_until) more.push(t("duty waits until {time}", { time: anlan.soon(told.quiet_until) }));
    box.append(el("div.muted.small", {}, more.join(" · ")));
    return box;
  }
  function steps(told) {
    const list = el("ol.course");
    told.reasons.forEach(function (step) { list.append(el("li", {}, duty.stepText(step))); });
    return list;
  }
})(window.anlan);
