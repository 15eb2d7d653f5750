// Keeps the bar of a running upload up to date, and loads the page anew when the work is done.
(function () {
  "use strict";
  var work = document.getElementById("work");
  if (!work) return;
  var bar = work.querySelector("progress");
  var words = work.querySelector("[data-words]");
  var state = work.getAttribute("data-state");
  function show(answer) {
    if (answer.state !== state || !answer.busy) {
      window.location.replace(window.location.pathname);
      return;
    }
    if (answer.total) {
      bar.max = answer.total;
      bar.value = answer.done;
      words.textContent = words.getAttribute("data-words")
        .replace("{done}", answer.done.toLocaleString())
        .replace("{total}", answer.total.toLocaleString());
    }
    window.setTimeout(ask, 1000);
  }
  function ask() {
    fetch(work.getAttribute("data-progress"), { credentials: "same-origin" })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(show)
      .catch(function () { window.setTimeout(ask, 5000); });
  }
  window.setTimeout(ask, 500);
})();
