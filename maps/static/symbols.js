/* Marks of the map, as SVG elements that are changed in place: ■ river ▼ reservoir ◆ tide ▲ sluice ● rain.
   Kinds are those of SL 323. A second cue goes with every colour: size, ring, dash. */
(function () {
  "use strict";
  const NS = "http://www.w3.org/2000/svg";
  const PATHS = {
    ZZ: "M-8 -8H8V8H-8Z",
    ZQ: "M-8 -8H8V8H-8Z",
    RR: "M-10 -7H10L0 10Z",
    TT: "M0 -11L11 0L0 11L-11 0Z",
    DD: "M-10 8H10L0 -10Z",
    PP: "M-8 0A8 8 0 1 1 8 0A8 8 0 1 1 -8 0Z",
    MM: "M-8 0A8 8 0 1 1 8 0A8 8 0 1 1 -8 0Z",
    DP: "M0 -10L9.5 -3L6 8.5H-6L-9.5 -3Z",
    camera: "M-9 -5H4V-1L9 -5V5L4 1V5H-9Z",
    patrol: "M0 -10A3.4 3.4 0 1 1 0 -3.2A3.4 3.4 0 1 1 0 -10ZM-6 9V2A4 4 0 0 1 -2 -2H2A4 4 0 0 1 6 2V9Z",
    led: "M-10 -6H10V5H-10ZM-3 5H3V9H-3Z",
    loudspeaker: "M-9 -3H-4L4 -9V9L-4 3H-9ZM7 -4A6 6 0 0 1 7 4",
  };

  function svg(name, attributes) {
    const element = document.createElementNS(NS, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  }

  /* One mark: {element, label, line, paint(row)}; `element` goes into a DivIcon and stays there. */
  function mark() {
    const element = document.createElement("div");
    element.className = "mark";
    const drawing = svg("svg", { viewBox: "-24 -24 48 48" });
    const ring = svg("circle", { class: "ring", r: 17 });
    const focus = svg("circle", { class: "focus", r: 22 });
    const shape = svg("path", { class: "shape" });
    drawing.append(focus, ring, shape);
    const label = document.createElement("div");
    label.className = "label";
    const name = document.createElement("b");
    const value = document.createElement("span");
    label.append(name, value);
    const line = document.createElement("i");
    line.className = "lead";
    line.style.display = "none";
    element.append(line, drawing, label);
    let last = "";
    return {
      element: element,
      label: label,
      line: line,
      paint: function (row) {
        const now = [row.kind, row.severity, row.state, row.flash, row.focus, row.name, row.value, row.age].join("|");
        if (now === last) return false;
        last = now;
        shape.setAttribute("d", PATHS[row.kind] || PATHS.PP);
        element.dataset.severity = row.severity || "";
        element.dataset.state = row.state || "";
        element.classList.toggle("flash", Boolean(row.flash));
        element.classList.toggle("focused", Boolean(row.focus));
        name.textContent = row.name || "";
        value.textContent = row.value || "";
        element.title = [row.name, row.value, row.note].filter(Boolean).join(" · ");
        return true;
      },
    };
  }

  window.anlanSymbols = { mark: mark, svg: svg };
})();
