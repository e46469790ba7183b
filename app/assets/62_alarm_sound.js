/* The desk is heard: what calls people and nobody has acknowledged sounds, until somebody does or hushes it. */
(function (anlan) {
  "use strict";
  const t = anlan.t, put = anlan.put;
  /* Seconds until it sounds again; nothing: once, when it comes. */
  const AGAIN_S = { red: 10, orange: 30, yellow: 120 };
  const RANK = { blue: 1, yellow: 2, orange: 3, red: 4 };
  const KEPT = "anlan.desk.sound";
  let on = true, blocked = false, hushed = false, lastMs = 0, context = null, desk = false;
  let heard = new Map();

  anlan.alarmSound = function () {
    desk = true;
    try { on = window.localStorage.getItem(KEPT) !== "off"; } catch (error) { /* a browser that keeps nothing */ }
    anlan.byId("desk-sound").addEventListener("click", function () {
      on = blocked || !on;
      try { window.localStorage.setItem(KEPT, on ? "on" : "off"); } catch (error) { /* as above */ }
      if (on) sound(worst(loud()) || "blue");
      paint();
    });
    anlan.byId("desk-hush").addEventListener("click", function () { hushed = true; paint(); });
  };

  function colour(row) { return row.severity || row.priority; }
  function loud() {
    return anlan.list("alarms").filter(function (row) { return row.state === "unacknowledged" && colour(row); });
  }
  function worst(rows) {
    return rows.map(colour).sort(function (a, b) { return RANK[b] - RANK[a]; })[0];
  }

  function listen() {
    if (!desk || !anlan.ready || !anlan.mayDo("acknowledge")) return;
    const rows = loud(), now = Date.now();
    const news = rows.filter(function (row) { return RANK[colour(row)] > (heard.get(row.id) || 0); });
    heard = new Map(rows.map(function (row) { return [row.id, RANK[colour(row)]]; }));
    if (news.length) {
      hushed = false;
      sound(worst(news));
    } else if (rows.length && !hushed && now - lastMs >= 1000 * (AGAIN_S[worst(rows)] || Infinity)) {
      sound(worst(rows));
    }
    paint();
  }

  /* The real call's two tones; in an exercise three low beeps, as its loudspeakers have. */
  async function sound(severity) {
    lastMs = Date.now();
    if (!on) return;
    context = context || new window.AudioContext();
    /* A browser plays nothing before somebody has touched the page; its promise then never ends. */
    if (context.state !== "running") await Promise.race([context.resume(), new Promise(function (done) { setTimeout(done, 500); })]);
    blocked = context.state !== "running";
    paint();
    if (blocked) return;
    const times = { red: 3, orange: 2 }[severity] || 1;
    if (anlan.page.exercise) [0, 0.4, 0.8].forEach(function (at) { tone(440, at, 0.25); });
    else for (let n = 0; n < times; n += 1) { tone(770, n, 0.4); tone(960, n + 0.4, 0.4); }
  }
  function tone(pitch, at, seconds) {
    const source = context.createOscillator(), gain = context.createGain(), begins = context.currentTime + at;
    source.frequency.value = pitch;
    gain.gain.setValueAtTime(0, begins);
    gain.gain.linearRampToValueAtTime(0.5, begins + 0.01);
    gain.gain.setValueAtTime(0.5, begins + seconds - 0.01);
    gain.gain.linearRampToValueAtTime(0, begins + seconds);
    source.connect(gain).connect(context.destination);
    source.start(begins);
    source.stop(begins + seconds);
  }

  function paint() {
    const button = anlan.byId("desk-sound"), may = anlan.mayDo("acknowledge");
    anlan.show(button, may);
    button.classList.toggle("warn", !on || blocked);
    button.setAttribute("aria-pressed", String(on && !blocked));
    put(button, t(blocked ? "sound blocked" : on ? "sound on" : "sound off"));
    anlan.show(anlan.byId("desk-hush"), may && on && !blocked && !hushed && loud().length > 0);
  }

  anlan.onChange(listen);
  anlan.onTick(listen);
})(window.anlan);
