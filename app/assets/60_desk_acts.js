/* What a person does to alarms, each in two steps: acknowledge, take it back, shelve, reset, take out of service. */
(function (anlan) {
  "use strict";
  const t = anlan.t, HOURS = [1, 2, 4, 8, 12];
  const KINDS = { station: "stations", device: "devices", camera: "cameras" };

  function hours() { return HOURS.map(function (n) { return { value: String(n), label: t("{n} h", { n: n }) }; }); }
  function until(answer) { return new Date(anlan.now() + Number(answer.hours) * 3600000 - 2000).toISOString(); }
  function counted(rows, severity) { return rows.filter(function (row) { return row.severity === severity; }).length; }
  function titled(act, rows, many) { return rows.length === 1 ? t(act).replace("…", "").trim() + " · " + anlan.alarmTitle(rows[0]) : t(many, { n: rows.length }); }

  anlan.alarmActs = {};
  const acts = anlan.alarmActs;

  acts.acknowledge = async function (rows, title) {
    const asked = rows.filter(Boolean);
    rows = asked.filter(anlan.isUnacknowledged);
    if (!anlan.mayDo("acknowledge") || !asked.length) return false;
    if (!rows.length) { anlan.notice(t("all acknowledged")); return false; }
    const seen = new Map(rows.map(function (row) { return [row.id, row.severity || row.priority || null]; }));
    const answer = await anlan.ask({
      title: title || titled("acknowledge", rows, "acknowledge {n} alarms"),
      what: t("acknowledging says", { red: counted(rows, "red"), orange: counted(rows, "orange") }),
      fields: [{ name: "note", label: t("note") }], act: t("acknowledge"),
    });
    if (!answer) return false;
    await anlan.forEach(rows, function (row) {
      return anlan.api("POST", "/alarms/" + row.id + "/acknowledge", { note: answer.note, seen: seen.get(row.id) }).catch(function (error) {
        throw error.problem && error.problem.present ? new Error(t("{alarm} is worse by now: look at it again", { alarm: anlan.alarmTitle(row) })) : error;
      });
    }, "{n} alarms acknowledged");
    return true;
  };

  acts.shelve = async function (rows) {
    rows = rows.filter(function (row) { return row && !anlan.HIDDEN.includes(row.state); });
    if (!rows.length || !anlan.mayDo("shelve")) return false;
    const answer = await anlan.ask({
      title: titled("shelve …", rows, "shelve {n} alarms"), what: t("shelving says"),
      fields: [{ name: "reason", label: t("reason"), needed: true }, { name: "hours", label: t("for how long"), kind: "select", options: hours() }],
      act: t("shelve …").replace("…", "").trim(),
    });
    if (!answer) return false;
    let waiting = 0;
    await anlan.forEach(rows, async function (row) {
      const done = await anlan.api("POST", "/alarms/" + row.id + "/shelve", { until: until(answer), reason: answer.reason });
      if (done.request) waiting += 1;
    }, "{n} alarms shelved");
    if (waiting) anlan.notice(t("{n} red ones wait for a second person to allow it", { n: waiting }));
    return true;
  };

  /* One alarm, one reason, one call of the interface. */
  async function reasoned(row, act, question, said) {
    const answer = await anlan.ask({
      title: titled(question.title, [row]), what: t(question.what),
      fields: [{ name: "reason", label: t("reason"), needed: true }], act: t(question.title), grave: question.grave,
    });
    if (!answer) return false;
    try {
      await anlan.api("POST", "/alarms/" + row.id + "/" + act, Object.assign({ reason: answer.reason }, question.more || {}));
      anlan.notice(t(said));
      return true;
    } catch (error) { anlan.notice(error.message, true); return false; }
  }
  acts.unacknowledge = function (row) { return reasoned(row, "unacknowledge", { title: "take back the acknowledgement", what: "taking back says" }, "people are called again"); };
  acts.reset = function (row) { return reasoned(row, "reset", { title: "reset", what: "resetting says" }, "the alarm is reset"); };

  acts.unshelve = async function (row) {
    try { await anlan.api("POST", "/alarms/" + row.id + "/unshelve", {}); return true; } catch (error) { anlan.notice(error.message, true); return false; }
  };

  /* What an alarm is about, if that can be taken out of service: [kind, code]. */
  anlan.servedBy = function (row) {
    if (row.station) return ["station", row.station];
    return KINDS[row.subject_kind] ? [row.subject_kind, row.subject] : null;
  };
  acts.takeOut = async function (row) {
    const served = anlan.servedBy(row);
    if (!served || !anlan.mayDo("shelve")) return false;
    const answer = await anlan.ask({
      title: t("take out of service …").replace("…", "").trim() + " · " + anlan.subjectName(row), what: t("taking out says"),
      fields: [{ name: "reason", label: t("reason"), needed: true }, { name: "hours", label: t("for how long"), kind: "select", options: hours() }],
      act: t("propose"), grave: true,
    });
    if (!answer) return false;
    try {
      await anlan.api("POST", "/" + KINDS[served[0]] + "/" + encodeURIComponent(served[1]) + "/out-of-service", { until: until(answer), reason: answer.reason });
      anlan.notice(t("proposed: a second person must allow it"));
      return true;
    } catch (error) { anlan.notice(error.message, true); return false; }
  };
})(window.anlan);
