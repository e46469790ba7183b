/* Below the tracks: a picture of the weather with its time, and the outlines of warned areas. */
(function () {
  "use strict";
  const RANK = { red: 4, orange: 3, yellow: 2, blue: 1 };

  function layer(map) {
    map.createPane("land").style.zIndex = 300;
    map.createPane("weather").style.zIndex = 350;
    const areas = L.layerGroup().addTo(map);
    let overlay = null, shownUrl = "", drawn = "", note = null;

    /* One element whose picture changes when the next is there: nothing flickers. */
    function image(picture) {
      if (!picture || !Array.isArray(picture.bounds)) {
        if (overlay) { overlay.remove(); overlay = null; shownUrl = ""; }
        say("");
        return;
      }
      const [west, south, east, north] = picture.bounds, bounds = L.latLngBounds([south, west], [north, east]);
      const opacity = Math.min(1, Math.max(0, Number(picture.opacity)));
      if (!overlay) overlay = L.imageOverlay(picture.url, bounds, { pane: "weather", opacity: opacity, className: "weather-image", interactive: false }).addTo(map);
      else overlay.setOpacity(opacity);
      if (picture.url === shownUrl) return;
      shownUrl = picture.url;
      const next = new Image();
      next.onload = function () {
        if (shownUrl !== picture.url || !overlay) return;
        overlay.setUrl(picture.url);
        overlay.setBounds(bounds);
        say(picture.note);
      };
      next.onerror = function () { if (shownUrl === picture.url) { shownUrl = ""; say(""); } };
      next.src = picture.url;
    }

    function say(text) {
      if (!note) {
        note = document.createElement("div");
        note.className = "image-note";
        map.getContainer().append(note);
      }
      note.textContent = text || "";
      note.hidden = !text;
    }

    function show(rows) {
      const now = JSON.stringify(rows);
      if (now === drawn) return;
      drawn = now;
      areas.clearLayers();
      rows.slice().sort(function (a, b) { return (RANK[a.colour] || 0) - (RANK[b.colour] || 0); }).forEach(function (row) {
        const style = { className: "warned " + (row.colour || "none"), interactive: false };
        (row.polygons || []).forEach(function (ring) { L.polygon(ring, style).addTo(areas); });
        (row.circles || []).forEach(function (circle) { L.circle([circle[0], circle[1]], Object.assign({ radius: circle[2] * 1000 }, style)).addTo(areas); });
      });
    }

    return {
      image: image,
      areas: show,
      visible: function (shown) { if (shown) areas.addTo(map); else areas.remove(); },
    };
  }

  window.anlanWeather = layer;
})();
