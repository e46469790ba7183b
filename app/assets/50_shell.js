/* What stands on every page: clock, language and exercise switches, health, signing out. */
(function (anlan) {
  "use strict";

  /* The last beat of a role, in seconds; null if it was never heard. */
  anlan.beatOf = function (role) {
    const beats = (anlan.health.roles || {})[role] || [];
    if (!beats.length) return null;
    return Math.min.apply(null, beats.map(function (beat) { return anlan.secondsSince(beat.at); }));
  };
  /* The SMS channel as dispatch reports it; without a living dispatch nothing is known of it. */
  anlan.smsState = function () {
    const age = anlan.beatOf("dispatch");
    if (age === null || age > 60) return { text: anlan.t("dispatch is silent"), bad: true };
    const beats = (anlan.health.roles || {}).dispatch, detail = beats[0].detail || {};
    if (detail.sms === undefined) return { text: anlan.t("dispatch is up"), bad: false };  // a stand-by does not look
    return detail.sms === "ok" ? { text: anlan.t("in order"), bad: false } : { text: anlan.t("disturbed"), bad: true };
  };

  /* What ingest takes up of an outage: how far it has come and what is left; null when it is not behind. */
  anlan.catchingUp = function () {
    const behind = ((anlan.health.roles || {}).ingest || []).filter(function (beat) {
      return beat.detail && beat.detail.catching_up && anlan.secondsSince(beat.at) < 20;
    }).map(function (beat) { return beat.detail; });
    if (!behind.length) return null;
    const reached = behind.map(function (one) { return one.backlog_reached; }).filter(Boolean);
    const left = behind.reduce(function (sum, one) { return sum + (one.backlog_left || 0); }, 0);
    const seconds = Math.max.apply(null, behind.map(function (one) { return one.backlog_left_s || 0; }));
    const known = behind.every(function (one) { return one.backlog_left !== undefined; });
    return {
      text: reached.length ? anlan.t("catching up, at {time}", { time: anlan.soon(new Date(Math.min.apply(null, reached) * 1000).toISOString()) }) : anlan.t("catching up"),
      whole: known ? anlan.t("about {n} messages left, {minutes} min; what is new is not held up", { n: left.toLocaleString("en-US"), minutes: Math.max(1, Math.ceil(seconds / 60)) }) : anlan.t("what is new is not held up"),
    };
  };
  anlan.showCatchingUp = function (place) {
    const state = anlan.catchingUp();
    anlan.show(place, Boolean(state));
    anlan.put(place, state ? state.text : "");
    place.title = state ? state.whole : "";
  };

  /* How the centre itself is, counted on by this page's clock: what stops to tell must not go on looking well.
     `chain` is the canary's age, `parts` is what else is not in order. */
  anlan.watchState = function () {
    const watch = anlan.health.watch || {}, checks = watch.checks || [];
    const parts = [];
    let chain = anlan.t("none"), chainBad = true, why = "";
    checks.forEach(function (check) {
      const age = check.since ? anlan.secondsSince(check.since) : null, limit = (check.detail || {}).silent_s;
      let condition = check.condition, reason = check.reason;
      if (condition === "good" && check.part === "canary" && age > check.limit_s) { condition = "late"; reason = "stuck"; }
      if (condition === "good" && limit !== undefined && age > limit) { condition = "late"; reason = "silent"; }
      const text = reason ? anlan.t("watch " + reason) : "";
      if (check.part === "canary") {
        chain = condition === "unknown" ? text : anlan.duration(age);
        chainBad = condition !== "good";
        why = chainBad && check.detail && check.detail.stage ? anlan.t("stands still at {stage}", { stage: anlan.t("watch stage " + check.detail.stage) }) : text;
      } else if (condition === "late" || condition === "unknown") {
        parts.push({ part: check.part, late: condition === "late", text: anlan.t("watch part " + check.part) + " " + text });
      }
    });
    parts.sort(function (one, other) { return other.late - one.late; });
    return { chain: chain + (chainBad && why && chain !== why ? " · " + why : ""), chainBad: chainBad, parts: parts };
  };
  /* The first that is not in order, and how many there are: the head line has no room for all. */
  anlan.showWatch = function (place, state) {
    const first = state.parts[0], more = state.parts.length - 1;
    anlan.show(place, Boolean(first));
    anlan.put(place, !first ? "" : more ? anlan.t("{first} and {n} more", { first: first.text, n: more + (anlan.page.language === "zh" ? 1 : 0) }) : first.text);
    place.title = state.parts.map(function (one) { return one.text; }).join("\n");
  };

  anlan.mayDo = function (act) { return !anlan.page.kiosk && (anlan.page.acts || []).includes(act); };

  /* One call of the REST interface with the session's cookie. Throws an Error whose message a person can read. */
  anlan.api = async function (method, path, body) {
    let answer;
    try {
      answer = await fetch("/api/v1" + path, {
        method: method, credentials: "same-origin", cache: "no-store",
        headers: Object.assign({ Accept: "application/json" }, body === undefined ? {} : { "Content-Type": "application/json" }),
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      throw new Error(anlan.t("the server does not answer; nothing was done"));
    }
    const text = await answer.text();
    let found = null;
    try { found = text ? JSON.parse(text) : null; } catch (error) { found = null; }
    if (!answer.ok) {
      const fault = new Error((found && found.detail) || anlan.t("refused with status {status}", { status: answer.status }));
      fault.status = answer.status;
      fault.problem = found;
      throw fault;
    }
    return found;
  };

  anlan.link = function (path) {
    return anlan.page.exercise ? path + (path.includes("?") ? "&" : "?") + "exercise=" + encodeURIComponent(anlan.page.exercise) : path;
  };

  function switches(root) {
    root.querySelectorAll("[data-language]").forEach(function (button) {
      button.addEventListener("click", function () {
        document.cookie = "anlan_language=" + button.dataset.language + ";path=/;max-age=31536000;samesite=strict";
        window.location.reload();
      });
    });
    const exercise = anlan.byId("exercise-switch");
    if (exercise) {
      exercise.value = anlan.page.exercise || "";
      exercise.addEventListener("change", function () {
        const home = anlan.page.name === "order" ? "/orders" : window.location.pathname;
        window.location.assign(exercise.value ? home + "?exercise=" + encodeURIComponent(exercise.value) : home);
      });
    }
    const out = anlan.byId("sign-out");
    if (out) out.addEventListener("click", function () {
      fetch("/logout", { method: "POST", credentials: "same-origin" }).finally(function () { window.location.assign("/login"); });
    });
  }

  function clock() {
    anlan.put(anlan.byId("clock"), anlan.clock(anlan.now(), true));
    anlan.put(anlan.byId("date"), anlan.date(anlan.now()) + " " + anlan.t("weekday " + new Date(anlan.now() + 0).toLocaleDateString("en-US", { weekday: "short", timeZone: anlan.page.zone })));
  }

  function topHealth() {
    const box = anlan.byId("top-health");
    if (!box) return;
    const health = anlan.health, sms = anlan.smsState();
    anlan.fill(box, {
      "data-age": anlan.t("health data-age") + " " + (health.newest_received ? anlan.age(health.newest_received) : anlan.t("none")),
      stations: anlan.t("health stations") + " " + (health.stations_reporting || 0) + "/" + (health.stations_total || 0),
      sms: anlan.t("health sms") + " " + sms.text,
    });
    const watch = anlan.watchState(), ill = (watch.chainBad ? [anlan.t("health chain") + " " + watch.chain] : []).concat(watch.parts.map(function (one) { return one.text; }));
    const place = anlan.part(box, "watch");
    anlan.show(place, ill.length > 0);
    anlan.put(place, ill.length ? anlan.t("the system: {n} not in order", { n: ill.length }) : "");
    place.title = ill.join("\n");
    anlan.part(box, "data-age").classList.toggle("age-old", !health.newest_received || anlan.secondsSince(health.newest_received) > 600);
    anlan.part(box, "sms").classList.toggle("age-old", sms.bad);
    anlan.showCatchingUp(anlan.part(box, "catching-up"));
  }

  /* The pages behind a word close when something else is clicked, or by Escape. */
  function more() {
    const box = anlan.byId("more-pages");
    if (!box) return;
    document.addEventListener("click", function (event) { if (!box.contains(event.target)) box.open = false; });
    box.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      box.open = false;
      box.querySelector("summary").focus();
    });
  }

  anlan.pageScript("shell", function (root) {
    switches(root);
    more();
    clock();
    window.setInterval(clock, 1000);
  });
  anlan.onTick(topHealth);
  anlan.onChange(function (changed) { if (changed.has("health")) topHealth(); });

  /* A switch of buttons: `chosen(value)` after a click. */
  anlan.choice = function (box, attribute, chosen) {
    if (!box) return;
    const buttons = Array.from(box.querySelectorAll("[data-" + attribute + "]"));
    buttons.forEach(function (button) {
      button.addEventListener("click", function () {
        buttons.forEach(function (other) { other.setAttribute("aria-pressed", String(other === button)); });
        chosen(button.dataset[attribute]);
      });
    });
  };
})(window.anlan);
