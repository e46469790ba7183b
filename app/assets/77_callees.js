/* Who would be called: a dry run with every step, and the chains that decide it. */
(function (anlan) {
  "use strict";
  const el = anlan.el, put = anlan.put, t = anlan.t, byId = anlan.byId, duty = anlan.duty;
  let chains = [], found = null, moment = null, asking = 0;

  duty.callees = function () {
    found = null;
    moment = el("input", { id: "callees-at", type: "datetime-local", "aria-label": t("duty ask at"), title: t("duty ask at hint") });
    byId("callees-at-box").replaceChildren(moment);
    ["callees-hazard", "callees-area", "callees-severity", "callees-at"].forEach(function (id) { byId(id).addEventListener("change", run); });
    byId("chain-add").addEventListener("click", function () { edit(null); });
    anlan.show(byId("chain-acts"), anlan.mayDo("edit_chains"));
    fetchChains();
  };
  function fetchChains() {
    anlan.api("GET", "/duty/chains").then(function (list) { chains = list; paint(); }, function (error) { anlan.notice(error.message, true); });
  }
  async function edit(old) { if (await duty.editChain(old)) { fetchChains(); run(); } }

  /* The areas to ask for: towns and hamlets at risk, one's own first. */
  duty.paintAreas = function () {
    const select = byId("callees-area");
    if (!select || select.anlanFilled) return;
    select.anlanFilled = true;
    const own = anlan.page.area;
    (anlan.page.home.areas || []).filter(function (area) { return (area.kind === "county" || area.kind === "town" || area.kind === "hamlet") && duty.inside(area, own); })
      .forEach(function (area) { select.append(el("option", { value: area.code }, (area.kind === "hamlet" ? "· " : "") + anlan.nameOf(area))); });
    run();
  };
  duty.inside = function (area, own) {
    if (!own) return true;
    for (let one = area; one; one = (anlan.page.home.areas || []).find(function (each) { return each.code === one.parent; })) if (one.code === own) return true;
    return false;
  };

  async function run() {
    const mine = ++asking, query = new URLSearchParams({ hazard: byId("callees-hazard").value, area: byId("callees-area").value });
    if (byId("callees-severity").value) query.set("severity", byId("callees-severity").value);
    if (moment.value) query.set("at", anlan.fromLocal(moment.value));
    const fault = byId("callees-fault");
    try {
      const answer = await anlan.api("GET", anlan.link("/duty/callees?" + query));
      if (mine !== asking) return;
      found = answer;
      anlan.show(fault, false);
    } catch (error) {
      if (mine !== asking) return;
      found = null;
      put(fault, error.message);
      anlan.show(fault, true);
    }
    paint();
  }

  /* A member as it is written, and its parts. */
  duty.memberOf = function (text) {
    const parts = /^([a-z]+)(?::([^:@]+))?(:AB)?(?:@(.+))?$/.exec(text) || [];
    return { kind: parts[1] || "", name: parts[2] || "", both: Boolean(parts[3]), area: parts[4] || "" };
  };
  duty.memberCode = function (member) { return member.kind + (member.name ? ":" + member.name : "") + (member.both ? ":AB" : "") + (member.area ? "@" + member.area : ""); };
  function memberText(text) {
    const member = duty.memberOf(text), at = member.area ? duty.brackets(duty.areaName(member.area)) : "";
    if (member.kind === "duty") return t("duty officer") + at;
    if (member.kind === "leader") return t("duty leader") + at;
    if (member.kind === "post") return member.name + (member.both ? t("duty both turns") : "") + at;
    return member.name ? duty.nameOf(member.name) : text;
  }
  duty.stepText = stepText;
  function stepText(step) {
    const facts = Object.assign({}, step.facts);
    if (facts.area) facts.area = duty.areaName(facts.area);
    if (facts.member) facts.member = memberText(facts.member);
    if (facts.until) facts.until = anlan.soon(facts.until);
    return t("duty step " + step.kind, facts);
  }

  function paint() {
    const box = byId("callees-found");
    if (!box) return;
    anlan.show(box, Boolean(found));
    if (found) {
      const nobody = !found.persons.length;
      anlan.cls(box, nobody ? "duty-found loud" : "duty-found");
      put(anlan.part(box, "head"), nobody ? t("duty would call nobody") : t("duty would call {n} {desk}", { n: found.persons.length, desk: found.desk ? duty.areaName(found.desk) : "—" }));
      anlan.sync(byId("callees-persons"), found.persons, function (one) { return one.code; }, function () {
        return el("li", {}, el("div", {}, el("strong", { "data-part": "who" }), el("div.muted.small", { "data-part": "post" })), el("span.muted.small", { "data-part": "how" }));
      }, function (node, one) {
        const other = found.stands_in[one.code], second = one.second_number && found.channels.includes("sms2");
        anlan.fill(node, {
          who: other ? t("duty stands in {name} {other}", { name: one.name, other: duty.nameOf(other) }) : one.name,
          post: duty.areaName(one.area) + " · " + one.post,
          how: t("channel sms") + (second ? " + " + t("channel sms2") : ""),
        });
      });
      const how = [];
      if (found.devices.length) how.push(t("duty devices {names}", { names: found.devices.join(t("duty comma")) }));
      if (found.quiet_until) how.push(t("duty waits until {time}", { time: anlan.soon(found.quiet_until) }));
      put(anlan.part(box, "more"), how.join(" · "));
    }
    anlan.sync(byId("callees-steps"), found ? found.reasons : [], function (step, n) { return n + step.kind; }, function () { return el("li"); }, function (node, step) {
      put(node, stepText(step));
      anlan.cls(node, step.kind === "chain" || step.kind === "member" ? "good" : step.kind.startsWith("not_") && step.kind !== "not_in_use" ? "muted" : step.kind === "nobody" || step.kind === "not_in_use" || step.kind === "commander" || step.kind.startsWith("away") || step.kind === "chain_empty" ? "mark" : "");
    });
    anlan.show(byId("chain-none"), !chains.length);
    anlan.sync(byId("chain-rows"), chains, function (one) { return one.code; }, function () {
      const change = el("button", { type: "button", "data-act": "change" }, t("duty change"));
      const node = el("li", {}, el("div", {}, el("strong", { "data-part": "name" }), el("div.small", { "data-part": "members" }), el("div.muted.small", { "data-part": "when" })), change);
      change.addEventListener("click", function () { edit(node.anlanRow); });
      return node;
    }, function (node, one) {
      node.anlanRow = one;
      anlan.show(node.lastChild, anlan.mayDo("edit_chains") && duty.inside((anlan.page.home.areas || []).find(function (area) { return area.code === one.area; }), anlan.page.area));
      anlan.fill(node, {
        name: one.name + duty.brackets(one.code) + (one.active ? "" : " · " + t("duty not in use")),
        members: one.members.map(memberText).join(t("duty comma")),
        when: [duty.areaName(one.area), one.hazard ? t("class " + one.hazard) : t("duty any hazard"), one.least ? t("duty from colour {colour}", { colour: t("colour " + one.least) }) : t("duty any colour"),
          one.channels ? one.channels.map(function (channel) { return t("channel " + channel); }).join("+") : "", one.quiet ? (one.quiet.slice(0, 5) === one.quiet.slice(6) ? t("duty never quiet") : t("duty quiet {hours}", { hours: one.quiet })) : "", one.source].filter(Boolean).join(" · "),
      });
      anlan.cls(node, found && found.reason === "chain:" + one.code ? "deciding" : one.active ? "" : "off");
    });
  }
})(window.anlan);
