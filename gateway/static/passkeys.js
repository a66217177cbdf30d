// Passkeys on pages that have a form with `data-passkey`: asks the browser, then sends the form with its answer.
// "create" makes one, "get" uses one; `data-options` is where the options come from. With `data-conditional`, browsers
// that can offer passkeys in the field with autocomplete="webauthn". Without this script the pages say what is needed.
"use strict";
(() => {
  const supported = typeof PublicKeyCredential === "function" && Boolean(navigator.credentials);
  for (const one of document.querySelectorAll("[data-passkey-shown]")) {
    one.hidden = (one.dataset.passkeyShown === "supported") !== supported;
  }
  if (!supported) return;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function readOptions(options, kind) {
    const read = { ...options, challenge: bytes(options.challenge) };
    if (kind === "get") return { ...read, allowCredentials: descriptors(options.allowCredentials) };
    read.user = { ...options.user, id: bytes(options.user.id) };
    return { ...read, excludeCredentials: descriptors(options.excludeCredentials) };
  }

  function written(credential) {
    const from = credential.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    if (from.attestationObject) {
      response.attestationObject = text(from.attestationObject);
      response.transports = from.getTransports ? from.getTransports() : [];
    } else {
      response.authenticatorData = text(from.authenticatorData);
      response.signature = text(from.signature);
      if (from.userHandle) response.userHandle = text(from.userHandle);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
  }

  async function optionsOf(form) {
    const csrf = new URLSearchParams({ csrf: form.elements.csrf.value });
    const answer = await fetch(form.dataset.options, { method: "POST", body: csrf, credentials: "same-origin" });
    const read = await answer.json();
    if (!answer.ok) throw new Error(read.error || "The page is too old. Reload it and try again.");
    return readOptions(read.publicKey, form.dataset.passkey);
  }

  function say(form, error) {
    const place = form.querySelector("[data-passkey-message]");
    const canceled = error.name === "NotAllowedError" || error.name === "AbortError";
    const known = error.name === "InvalidStateError";
    place.textContent = canceled
      ? "No passkey was used. Try again."
      : known ? "This device has a passkey of your account already." : error.message;
    place.hidden = false;
  }

  let waiting = null;
  let again = 0;

  async function run(form, mediation) {
    if (waiting) waiting.abort();
    const mine = (waiting = new AbortController());
    const publicKey = await optionsOf(form);
    const asked = { publicKey, signal: mine.signal, ...(mediation ? { mediation } : {}) };
    const kind = form.dataset.passkey === "create" ? "create" : "get";
    const credential = await navigator.credentials[kind](asked);
    form.elements.credential.value = written(credential);
    form.submit();
  }

  async function offer(form) {
    const able = PublicKeyCredential.isConditionalMediationAvailable;
    if (!able || !(await able.call(PublicKeyCredential))) return;
    again = setTimeout(() => offer(form), 4 * 60 * 1000); // before the challenge expires
    try {
      await run(form, "conditional");
    } catch (error) {
      if (error.name !== "AbortError") clearTimeout(again);
    }
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(again);
      run(form).catch((error) => say(form, error));
    });
    if ("conditional" in form.dataset) offer(form);
  }
})();
