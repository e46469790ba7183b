/* One dialog for every act that needs a second step: it says what will happen before it happens. */
(function (anlan) {
  "use strict";
  const el = anlan.el, t = anlan.t;

  /* `ask({title, what, fields: [{name, label, kind: "text" | "line" | "select" | "number" | "date" | "datetime", options, needed, value}], act})` gives the
     fields' values, or null if it was closed. */
  anlan.ask = function (question) {
    return new Promise(function (resolve) {
      const fields = (question.fields || []).map(function (field) {
        const id = "ask-" + field.name;
        const input = field.kind === "select"
          ? el("select", { id: id, name: field.name })
          : field.kind === "datetime" || field.kind === "date" ? el("input", { id: id, name: field.name, type: field.kind === "date" ? "date" : "datetime-local" })
          : field.kind === "number" ? el("input", { id: id, name: field.name, type: "number", step: "any" })
          : field.kind === "line" ? el("input", { id: id, name: field.name, maxLength: 300, autocomplete: "off" })
          : el("textarea", { id: id, name: field.name, rows: 2, maxLength: 400 });
        (field.options || []).forEach(function (option) { input.append(el("option", { value: option.value }, option.label)); });
        if (field.value !== undefined) input.value = field.value;
        return { field: field, input: input, label: el("label.field", { htmlFor: id }, field.label + (field.needed ? " *" : "")) };
      });
      const fault = el("div.fault", { hidden: true, role: "alert" });
      const go = el(question.grave ? "button.act" : "button.primary", { type: "submit", id: "ask-go" }, question.act);
      const form = el("form", { method: "dialog" }, el("h2", { id: "ask-title" }, question.title), question.what ? el("div.what", {}, question.what) : "");
      const grid = el(question.two ? "div.two" : "div");
      fields.forEach(function (one) { grid.append(el("div", {}, one.label, one.input)); });
      form.append(grid);
      form.append(fault, el("div.buttons", {}, el("button", { type: "button", id: "ask-cancel", onclick: function () { finish(null); } }, t("cancel")), go));
      const dialog = el("dialog", { "aria-labelledby": "ask-title" }, form);
      let done = false;
      function finish(result) {
        if (done) return;
        done = true;
        dialog.close();
        dialog.remove();
        resolve(result);
      }
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        const values = {};
        for (const one of fields) {
          values[one.field.name] = one.input.value.trim();
          if (one.field.needed && !values[one.field.name]) {
            anlan.put(fault, one.field.fault || t("a reason is needed"));
            fault.hidden = false;
            one.input.focus();
            return;
          }
        }
        finish(values);
      });
      dialog.addEventListener("cancel", function (event) { event.preventDefault(); finish(null); });
      document.body.append(dialog);
      dialog.showModal();
      (fields.length ? fields[0].input : go).focus();
    });
  };

  /* Runs one act for many things, one after the other; tells how it went. */
  anlan.forEach = async function (things, act, said) {
    let done = 0;
    const faults = [];
    for (const thing of things) {
      try { await act(thing); done += 1; } catch (error) { faults.push(error.message); }
    }
    if (!faults.length) anlan.notice(t(said, { n: done }));
    else anlan.notice(t("{n} done, {m} refused: {fault}", { n: done, m: faults.length, fault: faults[0] }), true);
    return done;
  };
})(window.anlan);
