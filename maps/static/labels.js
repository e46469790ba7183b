/* Places labels so that none hides another: the worst first, each at the free place that covers the fewest
   marks, near its own mark or a little away with a line to it. Those that find no place stay hidden (their
   mark is still drawn). A label of something that is not normal may cover a normal mark, never another that
   is not. A label that has a good place keeps it, so that nothing hops about while values change. */
(function () {
  "use strict";
  /* Where the label lies: side of the mark (-1 left, 1 right, 0 across it) and its height on the label's own. */
  const PLACES = [
    [1, -0.5], [-1, -0.5], [1, -0.9], [1, -0.1], [-1, -0.9], [-1, -0.1], [1, -1.2], [1, 0.2], [-1, -1.2], [-1, 0.2], [0, -1], [0, 1],
  ];
  const CENTRE = [[0, 0], [0, -1], [0, 1]];
  const RINGS = [0, 1, 2.2, 3.6];
  const SERIOUS = 3; // orange and worse may stand further away from their marks than what is less
  const COVERED = 1, RING = 1.6, PLACE = 0.04, STAY = 1.4;

  function overlaps(a, b) {
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  }

  /* The label's box in pixels relative to its mark, `away` pixels further out than the nearest place. */
  function boxAt(place, w, h, gap, away) {
    const [side, rise] = place;
    if (side === 0) return { x: -w / 2, y: rise === 0 ? -h / 2 : rise < 0 ? -gap - away - h : gap + away, w: w, h: h };
    return { x: side > 0 ? gap + away : -gap - away - w, y: rise * h + Math.sign(rise + 0.5) * away * 0.6, w: w, h: h };
  }

  /* Line from the mark to the nearest edge of a label that lies away from it. */
  function lead(line, box, radius) {
    const x = Math.max(box.x, Math.min(0, box.x + box.w)), y = Math.max(box.y, Math.min(0, box.y + box.h));
    const far = Math.hypot(x, y);
    line.style.display = far > radius * 2.2 ? "" : "none";
    line.style.width = far.toFixed(0) + "px";
    line.style.transform = "rotate(" + Math.atan2(y, x).toFixed(3) + "rad)";
  }

  /* `entries`: {point, rank, label, line, radius, wanted, drawn: has a mark, centred: the label is the thing} in
     pixels of the map; `size`: the map's size; `covered`: boxes where no label may lie. */
  function place(entries, size, covered) {
    const hard = (covered || []).slice(), soft = [];
    entries.forEach(function (entry) {
      if (!entry.drawn) return;
      const r = entry.radius * 0.8;
      (entry.rank > 0 ? hard : soft).push({ x: entry.point.x - r, y: entry.point.y - r, w: 2 * r, h: 2 * r, own: entry });
    });
    entries.slice().sort(function (a, b) { return b.rank - a.rank; }).forEach(function (entry) {
      const label = entry.label, before = label.anlanPlace;
      label.anlanPlace = null;
      if (entry.line) entry.line.style.display = "none";
      if (!entry.wanted) { label.style.display = "none"; return; }
      label.style.display = "";
      const w = label.offsetWidth, h = label.offsetHeight, gap = entry.radius + 3;
      let best = null;
      (!entry.line ? [0] : entry.rank >= SERIOUS ? RINGS : RINGS.slice(0, 3)).forEach(function (ring, r) {
        (entry.centred ? CENTRE : PLACES).forEach(function (spot, i) {
          const key = r + "/" + i, box = boxAt(spot, w, h, gap, ring * entry.radius * 1.6);
          const cost = r * RING + i * PLACE - (key === before ? STAY : 0);
          if (best && cost >= best.cost) return;
          const there = { x: entry.point.x + box.x, y: entry.point.y + box.y, w: w, h: h };
          if (there.x < 0 || there.y < 0 || there.x + w > size.x || there.y + h > size.y) return;
          if (hard.some(function (other) { return other.own !== entry && overlaps(there, other); })) return;
          const hidden = soft.filter(function (other) { return other.own !== entry && overlaps(there, other); }).length;
          if (entry.rank === 0 && hidden) return;
          if (!best || cost + hidden * COVERED < best.cost) best = { cost: cost + hidden * COVERED, key: key, box: box, there: there, side: spot[0] };
        });
      });
      if (!best) { label.style.display = "none"; return; }
      label.anlanPlace = best.key;
      label.classList.toggle("left", best.side < 0);
      label.style.transform = "translate(" + best.box.x.toFixed(0) + "px," + best.box.y.toFixed(0) + "px)";
      if (entry.line) lead(entry.line, best.box, entry.radius);
      hard.push(best.there);
    });
  }

  window.anlanLabels = { place: place };
})();
