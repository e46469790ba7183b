/* What is known on this page: a snapshot and the numbered pushes after it. Pages register painters that
   run after a push (at most once a frame) and every second, for ages; never before the snapshot, since
   "no open alarm" would be a lie while nothing is known. */
(function (anlan) {
  "use strict";
  const KINDS = ["stations", "latest", "alarms", "floods", "orders", "devices", "cameras", "typhoons", "warnings", "images", "response", "exercises", "requests", "deliveries", "events"];
  const QUIET_S = 12, RELOAD_S = 90;
  const painters = [], tickers = [], refusals = [];
  let number = 0, heard = 0, frame = 0, started = Date.now(), signedOut = false;

  anlan.model = {};
  KINDS.forEach(function (kind) { anlan.model[kind] = new Map(); });
  anlan.health = {};
  anlan.situationNow = null;
  anlan.ready = false;
  anlan.changed = new Set();
  anlan.list = function (kind) { return Array.from(anlan.model[kind].values()); };

  anlan.onChange = function (painter) { painters.push(painter); };
  anlan.onRefused = function (told) { refusals.push(told); };
  anlan.onTick = function (ticker) { tickers.push(ticker); };

  function merge(kind, entries, whole) {
    const map = anlan.model[kind];
    if (whole) map.clear();
    Object.keys(entries || {}).forEach(function (key) {
      if (entries[key] === null) map.delete(key);
      else map.set(key, entries[key]);
    });
    anlan.changed.add(kind);
  }

  /* Called for every push of the persistent callback. */
  anlan.receive = function (push) {
    if (!push || !push.kind) return;
    heard = Date.now();
    if (push.kind === "signed_out") {
      signedOut = true;
      window.location.assign("/login?next=" + encodeURIComponent(window.location.pathname + window.location.search));
      return;
    }
    if (push.kind === "refused") {
      signedOut = true;
      run(refusals);
      return;
    }
    const at = new Date(push.at).getTime();
    if (isFinite(at)) {
      const found = at - Date.now();
      anlan.offset = Math.abs(found - anlan.offset) > 1500 ? found : anlan.offset;
    }
    const whole = push.kind === "snapshot";
    if (!whole && (push.n !== number + 1 || !anlan.ready)) {
      if (push.n !== number) resync(push.stream);
      if (!anlan.ready) return;
    }
    number = push.n;
    KINDS.forEach(function (kind) {
      if (kind in push || whole) merge(kind, push[kind], whole);
    });
    if (push.health) { anlan.health = push.health; anlan.changed.add("health"); }
    if (whole) { anlan.ready = true; waiting(); }
    paint();
  };

  function waiting() { if (begun) begun.classList.toggle("waiting", !anlan.ready); }

  let resyncing = 0;
  function resync(stream) {
    if (!stream || Date.now() - resyncing < 2000) return;
    resyncing = Date.now();
    fetch("/live/" + encodeURIComponent(stream) + "/resync", { method: "POST", credentials: "same-origin", headers: { Accept: "application/json" } })
      .catch(function () { /* the watchdog reloads the page if nothing more comes */ });
  }

  function run(list, argument) {
    list.forEach(function (one) {
      try { one(argument); } catch (error) { console.error(error); }
    });
  }
  function paint() {
    if (frame) return;
    const go = function () {
      if (!frame) return;
      frame = 0;
      if (!anlan.ready) return;
      const changed = anlan.changed;
      anlan.changed = new Set();
      run(painters, changed);
      run(tickers);
    };
    frame = requestAnimationFrame(go);
    window.setTimeout(go, 250);
  }
  anlan.repaint = function () { KINDS.forEach(function (kind) { anlan.changed.add(kind); }); paint(); };

  /* Lost: nothing heard for longer than the server's beat. The page says so at once, and for how long. */
  function lost() {
    const silent = (Date.now() - (heard || started)) / 1000;
    let cover = anlan.byId("lost");
    const isLost = silent > QUIET_S && !signedOut;
    if (isLost && !cover) {
      cover = anlan.el("div.lost", { id: "lost", role: "alert" }, anlan.el("strong"));
      document.body.append(cover);
    }
    if (cover) {
      anlan.show(cover, isLost);
      if (isLost) anlan.put(cover.firstChild, anlan.t("connection lost {time}", { time: anlan.timer(silent) }));
    }
    document.documentElement.classList.toggle("is-lost", isLost);
    if (isLost && silent > RELOAD_S && !document.hidden) reload();
  }
  /* Only to a server that answers: a wall must never end on the browser's error page. */
  let trying = 0;
  function reload() {
    if (Date.now() - trying < 10000) return;
    trying = Date.now();
    fetch("/healthz", { cache: "no-store" }).then(function (answer) {
      if (answer.ok) window.location.reload();
    }).catch(function () { /* still away; tried again in ten seconds */ });
  }

  window.setInterval(function () { lost(); if (anlan.ready) run(tickers); }, 1000);

  /* Dash's renderer keeps every value that a server or script ever set, for an undo that these pages do not
     have: megabytes an hour, on a wall that is never reloaded. */
  const FORGET_MS = 20000;
  window.setInterval(function () {
    Array.from(window.dash_stores || []).forEach(function (store) {
      const history = store.getState().history;
      if (history) { history.past.length = 0; history.future.length = 0; }
    });
  }, FORGET_MS);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.anlan = {
    /* The one place where Dash hands data to these scripts. */
    receive: function (push) { anlan.receive(push); return window.dash_clientside.no_update; },
    situation: function (found) {
      anlan.situationNow = found;
      anlan.changed.add("situation");
      if (anlan.ready) paint();
      return window.dash_clientside.no_update;
    },
    enter: function (page) {
      if (page) { anlan.texts = page.texts; anlan.page = page.page; document.documentElement.lang = page.page.language === "en" ? "en" : "zh-CN"; document.documentElement.dataset.theme = page.page.theme; document.title = page.page.title; anlan.start(); }
      return window.dash_clientside.no_update;
    },
  };

  /* The skeleton of the page comes after the words; its painters begin when it is there. */
  const starters = {};
  let begun = null;
  anlan.pageScript = function (name, begin) { starters[name] = begin; };
  anlan.start = function () {
    const root = document.querySelector("[data-page]");
    if (!root) { window.setTimeout(anlan.start, 30); return; }
    if (begun === root) return;
    begun = root;
    waiting();
    if (starters.shell) starters.shell(root);
    if (starters[root.dataset.page]) starters[root.dataset.page](root);
    anlan.repaint();
  };
})(window.anlan);
