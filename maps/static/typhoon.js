/* Track, wind circles and position of typhoons. One that is out of sight shows at the edge, with an
   arrow towards it. */
(function () {
  "use strict";

  function layer(map) {
    const group = L.layerGroup().addTo(map);
    let shown = [];
    let drawn = "";

    function icon(row) {
      const element = document.createElement("div");
      element.className = "typhoon";
      const s = window.anlanSymbols.svg;
      const picture = s("svg", { viewBox: "-24 -24 48 48" });
      picture.append(
        s("circle", { r: 8, class: "eye" }),
        s("path", { d: "M0 -17A17 17 0 0 1 17 0M0 17A17 17 0 0 1 -17 0", class: "arm" })
      );
      const label = document.createElement("div");
      label.className = "label";
      const name = document.createElement("b");
      name.textContent = row.name;
      const note = document.createElement("span");
      note.textContent = row.note || "";
      label.append(name, note);
      element.append(picture, label);
      return L.divIcon({ html: element, className: "holder", iconSize: [0, 0] });
    }

    /* Where those out of sight are told of; two that lie the same way stand one above the other. */
    const edges = [];
    function free(x, y) {
      const line = 2.4 * parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--text-px"));
      const step = y > map.getSize().y / 2 ? -line : line;
      while (edges.some(function (at) { return Math.abs(at.y - y) < line && Math.abs(at.x - x) < map.getSize().x / 2; })) y += step;
      edges.push({ x: x, y: y });
      return y;
    }
    function edge(row) {
      const size = map.getSize(), inset = Math.min(size.x, size.y) * 0.06;
      const at = map.latLngToContainerPoint([row.lat, row.lon]);
      if (at.x >= 0 && at.y >= 0 && at.x <= size.x && at.y <= size.y) return null;
      const x = Math.min(Math.max(at.x, inset), size.x - inset);
      // the scale is in the corner at the lower left
      const y = free(x, Math.min(Math.max(at.y, inset), size.y - (x < size.x / 4 ? 2 : 0.7) * inset));
      const element = document.createElement("div");
      element.className = "typhoon away" + (x > size.x / 2 ? " right" : "") + (y > size.y * 0.75 ? " low" : "");
      const arrow = document.createElement("i");
      arrow.style.transform = "rotate(" + Math.atan2(at.y - y, at.x - x) + "rad)";
      const text = document.createElement("b");
      text.textContent = [row.name, row.distance].filter(Boolean).join(" · ");
      element.append(arrow, text);
      return L.marker(map.containerPointToLatLng([x, y]), {
        icon: L.divIcon({ html: element, className: "holder", iconSize: [0, 0] }), interactive: false, zIndexOffset: 900,
      });
    }

    /* How far winds of a force reach: by quadrants NE, SE, SW, NW; or farthest towards one direction and least
       against it, a circle about a middle that lies that way; or round about. */
    function reach(row, circle, style) {
      if (Array.isArray(circle.quadrants) && circle.quadrants.length === 4) {
        const ring = [];
        circle.quadrants.forEach(function (km, n) {
          for (let degrees = 90 * n; degrees <= 90 * n + 90; degrees += 5) ring.push(away(row, degrees, km));
        });
        return L.polygon(ring, Object.assign({ noClip: true }, style));
      }
      const uneven = typeof circle.towards === "number" && circle.shortest < circle.km;
      const middle = uneven ? away(row, circle.towards, (circle.km - circle.shortest) / 2) : [row.lat, row.lon];
      return L.circle(middle, Object.assign({ radius: (uneven ? (circle.km + circle.shortest) / 2 : circle.km) * 1000 }, style));
    }
    function away(row, degrees, km) {
      const angle = degrees * Math.PI / 180, degree = 111.2;
      return [row.lat + km * Math.cos(angle) / degree, row.lon + km * Math.sin(angle) / (degree * Math.cos(row.lat * Math.PI / 180))];
    }

    function draw(force) {
      const now = JSON.stringify(shown);
      if (now === drawn && !force) return;
      drawn = now;
      group.clearLayers();
      edges.length = 0;
      shown.forEach(function (row) {
        if (row.past.length > 1) L.polyline(row.past, { className: "track" }).addTo(group);
        if (row.forecast.length) {
          L.polyline([[row.lat, row.lon]].concat(row.forecast), { className: "track forecast" }).addTo(group);
        }
        row.circles.forEach(function (circle) {
          reach(row, circle, { className: "wind wind" + circle.force, interactive: false }).addTo(group);
        });
        L.marker([row.lat, row.lon], { icon: icon(row), interactive: false, zIndexOffset: 800 }).addTo(group);
        const away = edge(row);
        if (away) away.addTo(group);
      });
    }

    map.on("moveend zoomend resize", function () { if (shown.length) draw(true); });
    return { show: function (rows) { shown = rows; draw(false); } };
  }

  window.anlanTyphoons = layer;
})();
