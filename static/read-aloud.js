// Reads the main part of a page out, where the browser has a voice for its language. Chinese where it has none of its own.
(() => {
  const button = document.getElementById("read-aloud");
  const speech = window.speechSynthesis;
  if (!button || !speech || !window.SpeechSynthesisUtterance) return;
  const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";
  const start = button.textContent;
  let voice;

  // Voices come late in some browsers; without one the button stays away.
  const look = () => {
    voice = speech.getVoices().find((one) => one.lang.toLowerCase().startsWith(language));
    button.hidden = !voice;
  };
  const stop = () => {
    speech.cancel();
    button.textContent = start;
  };
  // Long texts break off in some browsers: one block at a time. Buttons and what is hidden from sight are not read.
  const blocks = () =>
    [...document.querySelectorAll("main :is(h1,h2,h3,p,li,dt,dd,caption,th,td,.head>.badge)")]
      .filter((one) => !one.querySelector("p,li,dt,table") && !one.closest("button,form,nav,[hidden]"))
      .map((one) => one.innerText.trim())
      .filter(Boolean);

  button.addEventListener("click", () => {
    if (button.textContent !== start) return stop();
    button.textContent = button.dataset.stop;
    const texts = blocks();
    texts.forEach((text, place) => {
      const words = new SpeechSynthesisUtterance(text);
      words.voice = voice;
      words.lang = voice.lang;
      words.rate = 0.9;
      words.onerror = stop;
      if (place === texts.length - 1) words.onend = stop;
      speech.speak(words);
    });
  });
  window.addEventListener("pagehide", stop);
  speech.addEventListener?.("voiceschanged", look);
  look();
})();
