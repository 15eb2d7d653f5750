// Asks the browser for a passkey and sends its answer with the form, like any other field. Without the browser's help
// the form stays hidden, and everything goes by password and code.
(function () {
  "use strict";
  var place = document.querySelector("[data-passkey]");
  if (!place || !window.PublicKeyCredential || !navigator.credentials) return;
  var form = place.querySelector("form");
  var words = place.querySelector("[role=status]");
  var options = JSON.parse(place.getAttribute("data-passkey")).publicKey;
  var adds = "user" in options;

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }
  function text(buffer) {
    var plain = Array.from(new Uint8Array(buffer), function (byte) { return String.fromCharCode(byte); }).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function asked() {
    var wanted = Object.assign({}, options, { challenge: bytes(options.challenge) });
    if (adds) {
      wanted.user = Object.assign({}, options.user, { id: bytes(options.user.id) });
      wanted.excludeCredentials = (options.excludeCredentials || []).map(function (known) {
        return Object.assign({}, known, { id: bytes(known.id) });
      });
    }
    return wanted;
  }
  function answer(credential) {
    var parts = adds ? ["clientDataJSON", "attestationObject"]
      : ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
    var response = {};
    parts.forEach(function (part) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    });
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type,
      clientExtensionResults: {}, response: response
    });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    words.textContent = "";
    var call = adds ? navigator.credentials.create : navigator.credentials.get;
    call.call(navigator.credentials, { publicKey: asked() }).then(function (credential) {
      form.elements.answer.value = answer(credential);
      form.submit();
    }).catch(function () { words.textContent = words.getAttribute("data-given-up"); });
  });
  place.hidden = false;
  var without = document.querySelector("[data-without-passkeys]");
  if (without) without.hidden = true;
})();
