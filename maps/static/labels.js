/* Places labels so that none hides another: the worst first, each at the first free of six places,
   and those that find none stay hidden (their mark is still drawn). A label of something that is not
   normal may cover a normal mark, never another that is not. */
(function () {
  "use strict";
  const PLACES = [
    [1, -0.5], [-1, -0.5], [1, -0.9], [1, -0.1], [-1, -0.9], [-1, -0.1], [1, -1.2], [1, 0.2], [-1, -1.2], [-1, 0.2], [-0.5, -1.9], [-0.5, 0.9],
  ];

  const CENTRE = [[0, -0.5], [-0.5, -1.9], [-0.5, 0.9]];

  function overlaps(a, b) {
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  }

  /* `entries`: {point, rank, label, radius, wanted, drawn: has a mark, centred: the label is the thing} in pixels of the map; `size`: the map's size. */
  function place(entries, size, blocked) {
    const taken = (blocked || []).slice();
    entries.forEach(function (entry) {
      if (entry.drawn) {
        const r = entry.radius * 0.8;
        taken.push({ x: entry.point.x - r, y: entry.point.y - r, w: 2 * r, h: 2 * r, own: entry, plain: entry.rank === 0 });
      }
    });
    entries.slice().sort(function (a, b) { return b.rank - a.rank; }).forEach(function (entry) {
      const label = entry.label;
      if (!entry.wanted) { label.style.display = "none"; return; }
      label.style.display = "";
      const w = label.offsetWidth, h = label.offsetHeight, gap = entry.radius + 3;
      for (const [dx, dy] of entry.centred ? CENTRE : PLACES) {
        const x = dx === 1 ? gap : dx === -1 ? -gap - w : -w / 2;
        const y = dx === -0.5 ? (dy < 0 ? -gap - h : gap) : dy * h;
        const box = { x: entry.point.x + x, y: entry.point.y + y, w: w, h: h };
        const inside = box.x >= 0 && box.y >= 0 && box.x + w <= size.x && box.y + h <= size.y;
        const free = !taken.some(function (other) { return other.own !== entry && !(other.plain && entry.rank > 0) && overlaps(box, other); });
        if (inside && free) {
          label.style.transform = "translate(" + x.toFixed(0) + "px," + y.toFixed(0) + "px)";
          taken.push(box);
          return;
        }
      }
      label.style.display = "none";
    });
  }

  window.anlanLabels = { place: place };
})();
