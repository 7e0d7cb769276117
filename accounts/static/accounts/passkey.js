// A passkey answers on this page: what the server asks stands in the form, and the answer goes back with it.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const written = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

async function answer(act, asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge) };
  if (act === "create") {
    publicKey.user = { ...asked.user, id: bytes(asked.user.id) };
    publicKey.excludeCredentials = listed(asked.excludeCredentials);
  } else {
    publicKey.allowCredentials = listed(asked.allowCredentials);
  }
  const key = await navigator.credentials[act]({ publicKey });
  const response = {};
  for (const part of PARTS) if (key.response[part]) response[part] = written(key.response[part]);
  if (key.response.getTransports) response.transports = key.response.getTransports();
  return { id: key.id, rawId: written(key.rawId), type: key.type, response };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  const failed = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    try {
      form.elements.passkey.value = JSON.stringify(await answer(form.dataset.passkey, JSON.parse(form.dataset.asked)));
    } catch {
      button.disabled = false;
      failed.hidden = false;
      return;
    }
    form.submit();
  });
}
