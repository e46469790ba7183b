/* Elements that are made once and changed in place. Data is written by textContent, never as HTML. */
(function (anlan) {
  "use strict";

  /* el("p.note", {title: "…", onclick: f}, "text", child…) */
  anlan.el = function (what, attributes) {
    const [tag, ...classes] = what.split(".");
    const element = document.createElement(tag || "div");
    if (classes.length) element.className = classes.join(" ");
    for (const key in attributes || {}) {
      const value = attributes[key];
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (key in element && key !== "list" && key !== "form" && !key.startsWith("aria")) element[key] = value;
      else element.setAttribute(key, value === true ? "" : value);
    }
    for (let i = 2; i < arguments.length; i++) {
      const child = arguments[i];
      if (child !== null && child !== undefined && child !== "") element.append(child);
    }
    return element;
  };

  /* Writes only what differs: no flicker, selections stay. */
  anlan.put = function (element, text) {
    const value = text === null || text === undefined ? "" : String(text);
    if (element && element.textContent !== value) element.textContent = value;
  };
  anlan.cls = function (element, name) { if (element && element.className !== name) element.className = name; };
  anlan.show = function (element, shown) { if (element && element.hidden === Boolean(shown)) element.hidden = !shown; };
  anlan.byId = function (id) { return document.getElementById(id); };

  /* Makes the children of `parent` those of `items`, in their order. Nodes are kept by key; `create(item)`
     returns an element, `update(element, item)` writes what changes. */
  anlan.sync = function (parent, items, keyOf, create, update) {
    if (!parent) return;
    const known = parent.anlanNodes || (parent.anlanNodes = new Map());
    const wanted = new Set();
    let place = parent.firstElementChild;
    items.forEach(function (item, index) {
      const key = String(keyOf(item, index));
      wanted.add(key);
      let node = known.get(key);
      if (!node) { node = create(item); node.anlanKey = key; known.set(key, node); }
      update(node, item, index);
      if (node === place) place = place.nextElementSibling;
      else parent.insertBefore(node, place);
    });
    known.forEach(function (node, key) {
      if (!wanted.has(key)) { node.remove(); known.delete(key); }
    });
  };

  /* Elements of a node by their data-part, found once. */
  anlan.part = function (node, name) {
    const parts = node.anlanParts || (node.anlanParts = {});
    return parts[name] || (parts[name] = node.querySelector('[data-part="' + name + '"]'));
  };
  anlan.fill = function (node, texts) {
    for (const name in texts) anlan.put(anlan.part(node, name), texts[name]);
  };

  /* A short message at the corner; faults stay longer. */
  anlan.notice = function (text, fault) {
    let list = anlan.byId("notices");
    if (!list) { list = anlan.el("div.notices", { id: "notices", role: "status", "aria-live": "polite" }); document.body.append(list); }
    const line = anlan.el(fault ? "div.fault" : "div", {}, text);
    list.append(line);
    window.setTimeout(function () { line.remove(); }, fault ? 9000 : 4000);
  };
})(window.anlan);
