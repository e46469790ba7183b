/* A button that plays rendered speech, and stops it. */
(function (anlan) {
  "use strict";
  let playing = null;
  anlan.listenButton = function (address) {
    const button = anlan.el("button", { type: "button" }, anlan.t("listen"));
    button.addEventListener("click", function () { anlan.listen(button, address()); });
    return button;
  };
  anlan.listen = function (button, address) {
    if (playing) {
      const was = playing;
      playing = null;
      was.audio.pause();
      anlan.put(was.button, anlan.t("listen"));
      if (was.button === button) return;
    }
    const audio = new Audio(address), mine = { audio: audio, button: button };
    playing = mine;
    anlan.put(button, anlan.t("stop listening"));
    const over = function () { if (playing === mine) playing = null; anlan.put(button, anlan.t("listen")); };
    audio.addEventListener("ended", over);
    audio.addEventListener("error", over);
    audio.play().catch(function (error) { over(); anlan.notice(error.message, true); });
  };
})(window.anlan);
