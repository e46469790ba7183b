/* The live map. It asks for nothing: the page around it posts
     {type: "base",     outline, towns: [{name, lat, lon}], theme, textPx, covered: [{x, y, w, h}]}
                        covered: what the page lays over the map, in its pixels
     {type: "rows",     layer: "stations" | "cameras" | "devices", rows: [{id, kind, name, lat, lon, severity,
                        state, flash, value, note, trail}]}   state: "" | stale | missing | suspect | unset | refused | off
                        trail: [[lat, lon]], the way of a patrol
     {type: "typhoons", rows: [{name, lat, lon, note, distance, past, forecast, circles: [{force, km,
                        shortest, towards, quadrants: [NE, SE, SW, NW]}]}]}
     {type: "areas",    rows: [{id, colour, polygons: [[[lat, lon]]], circles: [[lat, lon, km]]}]}   warned areas
     {type: "image",    picture: {url, bounds: [west, south, east, north], opacity, note} or null}
     {type: "layers",   stations: bool, cameras: bool, devices: bool, typhoons: bool, areas: bool}
     {type: "fit",      bounds: [west, south, east, north]}
     {type: "focus",    id}
     {type: "home"}, {type: "hello"}
   and is told {type: "map-ready"} and {type: "map-pick", layer, id}. Messages of another origin are dropped.
   Texts are written by textContent only. */
window.anlanLiveMap = function (map) {
  "use strict";
  const RANK = { red: 4, orange: 3, yellow: 2, blue: 1 };
  const layers = { stations: new Map(), cameras: new Map(), devices: new Map() };
  const groups = { stations: L.layerGroup().addTo(map), cameras: L.layerGroup(), devices: L.layerGroup() };
  const weather = window.anlanWeather(map);
  const typhoons = window.anlanTyphoons(map);
  const townNames = [];
  let scale = null, outline = null, coast = null, mainland = null, framed = "", covered = [], focused = null, textPx = 14, pending = 0, typhoonRows = [], typhoonsShown = true, touched = false;

  function tell(message) { if (window.parent !== window) window.parent.postMessage(message, window.location.origin); }

  function base(message) {
    document.documentElement.dataset.theme = message.theme === "light" ? "light" : "dark";
    textPx = Number(message.textPx) || 14;
    covered = Array.isArray(message.covered) ? message.covered : [];
    document.documentElement.style.setProperty("--text-px", textPx + "px");
    if (scale) scale.remove();
    scale = L.control.scale({ imperial: false, position: "bottomleft", maxWidth: textPx * 6 }).addTo(map);
    map.invalidateSize({ animate: false });
    if (message.outline) {
      if (outline) outline.remove();
      outline = L.geoJSON(message.outline, { style: { className: "land" }, interactive: false, pane: "land" }).addTo(map);
      outline.bringToBack();
      if (coast) coast.remove();
      coast = L.geoJSON(message.outline, { style: { className: "coast" }, interactive: false }).addTo(map);
      coast.bringToBack();
      mainland = largest(message.outline);
      home();
    }
    townNames.splice(0).forEach(function (town) { town.marker.remove(); });
    (message.towns || []).forEach(function (town) {
      if (typeof town.lat !== "number" || typeof town.lon !== "number") return;
      const element = document.createElement("div");
      element.className = "town";
      element.textContent = town.name;
      const icon = L.divIcon({ html: element, className: "holder", iconSize: [0, 0] });
      const marker = L.marker([town.lat, town.lon], { icon: icon, interactive: false, zIndexOffset: -1000 }).addTo(map);
      townNames.push({ marker: marker, label: element });
    });
    later();
  }

  /* Bounds of the largest piece of land: far islets are drawn, but must not make all else small. */
  function largest(area) {
    const geometry = area.geometry || area;
    const pieces = geometry.type === "MultiPolygon" ? geometry.coordinates : geometry.type === "Polygon" ? [geometry.coordinates] : [];
    const sized = pieces.map(function (piece) {
      const bounds = L.latLngBounds(piece[0].map(function (at) { return [at[1], at[0]]; }));
      return { bounds: bounds, size: (bounds.getNorth() - bounds.getSouth()) * (bounds.getEast() - bounds.getWest()) };
    });
    sized.sort(function (a, b) { return b.size - a.size; });
    return sized.length ? sized[0].bounds : outline.getBounds();
  }

  /* The land with the stations on and about it. A drill may play a flood of another country: where most
     stations lie far from the land, they alone are what is to be seen. */
  function everything() {
    const near = mainland.pad(0.5), inside = [], outside = [];
    layers.stations.forEach(function (entry) {
      const at = entry.marker.getLatLng();
      (near.contains(at) ? inside : outside).push(at);
    });
    if (outside.length > inside.length) return L.latLngBounds(outside);
    const bounds = L.latLngBounds(mainland.getSouthWest(), mainland.getNorthEast());
    inside.forEach(function (at) { bounds.extend(at); });
    return bounds;
  }
  /* As large as it goes below what covers the map. */
  function home() {
    if (!outline) return;
    const bounds = everything();
    framed = bounds.toBBoxString();
    const top = covered.reduce(function (most, box) { return Math.max(most, box.y + box.h); }, 0);
    map.fitBounds(bounds, { paddingTopLeft: [textPx, Math.max(textPx, top * 0.5)], paddingBottomRight: [textPx, textPx * 3], animate: false });
  }
  /* What the page wants to be seen stays so, until somebody asks for the county again. */
  function fit(bounds) {
    touched = true;
    map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], { animate: false });
  }
  /* Stations come after the land: look again, unless somebody has moved the map. */
  function reframe() {
    if (outline && !touched && everything().toBBoxString() !== framed) home();
  }

  function rows(layer, list) {
    const known = layers[layer];
    if (!known) return;
    const seen = new Set();
    list.forEach(function (row) {
      if (typeof row.lat !== "number" || typeof row.lon !== "number") return;
      seen.add(row.id);
      let entry = known.get(row.id);
      if (!entry) {
        const mark = window.anlanSymbols.mark();
        const icon = L.divIcon({ html: mark.element, className: "holder", iconSize: [0, 0] });
        const marker = L.marker([row.lat, row.lon], { icon: icon, keyboard: false });
        marker.on("click", function () { tell({ type: "map-pick", layer: layer, id: row.id }); });
        entry = { mark: mark, marker: marker };
        known.set(row.id, entry);
        groups[layer].addLayer(marker);
      }
      entry.row = row;
      const at = entry.marker.getLatLng();
      if (at.lat !== row.lat || at.lng !== row.lon) entry.marker.setLatLng([row.lat, row.lon]);
      entry.marker.setZIndexOffset(((RANK[row.severity] || 0) + (row.state === "suspect" ? 1 : 0)) * 100);
      draw(layer, entry, Array.isArray(row.trail) ? row.trail : []);
      paint(entry);
    });
    known.forEach(function (entry, id) {
      if (!seen.has(id)) { draw(layer, entry, []); entry.marker.remove(); groups[layer].removeLayer(entry.marker); known.delete(id); }
    });
    if (layer === "stations") reframe();
    later();
  }

  /* The way that a patrol came, below its mark; shown and hidden with its layer. */
  function draw(layer, entry, way) {
    if (way.length < 2) {
      if (entry.way) { groups[layer].removeLayer(entry.way); entry.way = null; }
    } else if (entry.way) {
      entry.way.setLatLngs(way);
    } else {
      entry.way = L.polyline(way, { className: "trail", interactive: false });
      groups[layer].addLayer(entry.way);
    }
  }

  function paint(entry) {
    return entry.mark.paint(Object.assign({}, entry.row, { focus: entry.row.id === focused }));
  }

  function later() {
    if (!pending) pending = requestAnimationFrame(function () { pending = 0; label(); });
  }

  function label() {
    const entries = [];
    Object.keys(layers).forEach(function (name) {
      if (!map.hasLayer(groups[name])) return;
      layers[name].forEach(function (entry) {
        const rank = (RANK[entry.row.severity] || 0) + (entry.row.state === "suspect" ? 2 : 0) + (entry.row.id === focused ? 5 : 0);
        entries.push({
          point: map.latLngToContainerPoint(entry.marker.getLatLng()), rank: rank, label: entry.mark.label, line: entry.mark.line,
          radius: textPx * (rank ? 0.75 : 0.5), wanted: rank > 0, drawn: true,
        });
      });
    });
    townNames.forEach(function (town) {
      entries.push({
        point: map.latLngToContainerPoint(town.marker.getLatLng()), rank: 0, label: town.label, radius: textPx * 0.5, wanted: true, centred: true,
      });
    });
    window.anlanLabels.place(entries, map.getSize(), covered.concat(inMap()));
  }

  /* What lies on the map itself and is not a mark: the scale, and a typhoon that is out of sight. */
  function inMap() {
    return Array.from(document.querySelectorAll(".leaflet-control-scale, .typhoon.away")).map(function (element) {
      const box = element.getBoundingClientRect();
      return { x: box.left, y: box.top, w: box.width, h: box.height };
    });
  }

  function shown(message) {
    ["stations", "cameras", "devices"].forEach(function (name) {
      if (!(name in message)) return;
      if (message[name]) groups[name].addTo(map); else groups[name].remove();
    });
    if ("typhoons" in message) typhoonsShown = Boolean(message.typhoons);
    if ("areas" in message) weather.visible(Boolean(message.areas));
    typhoons.show(typhoonsShown ? typhoonRows : []);
    later();
  }

  function focus(id) {
    focused = id;
    layers.stations.forEach(paint);
    later();
  }

  window.addEventListener("message", function (event) {
    if (event.origin !== window.location.origin || event.source !== window.parent) return;
    const message = event.data;
    if (!message || typeof message !== "object") return;
    if (message.type === "base") base(message);
    else if (message.type === "rows" && Array.isArray(message.rows)) rows(message.layer, message.rows);
    else if (message.type === "typhoons" && Array.isArray(message.rows)) { typhoonRows = message.rows; typhoons.show(typhoonsShown ? typhoonRows : []); }
    else if (message.type === "areas" && Array.isArray(message.rows)) weather.areas(message.rows);
    else if (message.type === "image") weather.image(message.picture);
    else if (message.type === "layers") shown(message);
    else if (message.type === "fit" && Array.isArray(message.bounds)) fit(message.bounds);
    else if (message.type === "focus") focus(message.id);
    else if (message.type === "hello") tell({ type: "map-ready" });
    else if (message.type === "home") { touched = false; home(); }
  });
  map.on("zoomend moveend", later);
  map.on("mousedown wheel touchstart zoomstart", function (event) { if (event.originalEvent) touched = true; });
  map.on("resize", function () { if (!touched) home(); later(); });
  document.addEventListener("pointerdown", function () { tell({ type: "map-touched" }); });
  tell({ type: "map-ready" });
};
