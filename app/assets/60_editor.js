/* A dialog for a thing of several parts: left what is chosen, right what would follow, asked anew after every change. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t, WAIT_MS = 300;

  /* `anlan.editor({title, body, missing(), look(), save(), said(error), act})`: `missing` names what is not filled in yet (or ""), `look` gives
     the node that shows what would follow, `save` keeps it. Gives what `save` gave, or null if it was closed. Nothing can be kept that was not
     looked at. `body.anlanChanged()` says that something changed beside its inputs. */
  anlan.editor = function (question) {
    return new Promise(function (resolve) {
      let timer = 0, asking = 0, done = false;
      const fault = el("div.fault", { hidden: true, role: "alert" }), beside = el("section.editor-look", { "aria-live": "polite", "aria-label": t("what would follow") });
      const go = el("button.primary", { type: "submit", id: "editor-go", disabled: true }, question.act);
      const form = el("form", { method: "dialog" }, el("h2", { id: "editor-title" }, question.title),
        el("div.editor-parts", {}, el("section.editor-body", {}, question.body), beside),
        fault, el("div.buttons", {}, el("button", { type: "button", id: "editor-cancel", onclick: function () { finish(null); } }, t("cancel")), go));
      const dialog = el("dialog.wide.editor", { "aria-labelledby": "editor-title" }, form);
      function finish(result) {
        if (done) return;
        done = true;
        window.clearTimeout(timer);
        dialog.close();
        dialog.remove();
        resolve(result);
      }
      function failed(error) { anlan.put(fault, question.said(error)); fault.hidden = false; go.disabled = true; beside.replaceChildren(); }
      function changed() {
        asking += 1;
        go.disabled = true;
        window.clearTimeout(timer);
        timer = window.setTimeout(look, WAIT_MS);
      }
      async function look() {
        const mine = ++asking, missing = question.missing();
        if (missing) { beside.replaceChildren(el("div.empty", {}, missing)); fault.hidden = true; return; }
        try {
          const node = await question.look();
          if (done || mine !== asking) return;
          const held = document.activeElement;
          beside.replaceChildren(node);
          if (node.contains(held)) held.focus();
          fault.hidden = true;
          go.disabled = false;
        } catch (error) { if (!done && mine === asking) failed(error); }
      }
      form.addEventListener("submit", async function (event) {
        event.preventDefault();
        if (go.disabled) return;
        go.disabled = true;
        try { finish(await question.save()); } catch (error) { failed(error); }
      });
      question.body.anlanChanged = changed;
      ["input", "change"].forEach(function (name) { question.body.addEventListener(name, changed); });
      beside.addEventListener("change", changed);
      dialog.addEventListener("cancel", function (event) { event.preventDefault(); finish(null); });
      document.body.append(dialog);
      dialog.showModal();
      (question.body.querySelector("input:not([disabled]), select:not([disabled])") || go).focus();
      look();
    });
  };

  /* A labelled control. */
  anlan.labelled = function (text, control) { return el("label.field", {}, el("span", {}, text), control); };
  /* A time of day with 24 hours, whatever the browser's own language would make of it. */
  anlan.timeOfDay = function (name, value) { return el("input.time", { name: name, value: value, maxLength: 5, inputMode: "numeric", placeholder: "08:30", autocomplete: "off" }); };
  anlan.isTimeOfDay = function (text) { return /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(text); };
  /* A select of `[value, label]`. */
  anlan.select = function (options, value, attributes) {
    const node = el("select", attributes || {});
    options.forEach(function (one) { node.append(el("option", { value: one[0] }, one[1])); });
    node.value = value === null || value === undefined ? "" : value;
    return node;
  };
})(window.anlan);
