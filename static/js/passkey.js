// Passkeys (WebAuthn): forms that ask the device, and send what it answers like any other form.
// `<form data-passkey="get|create" data-options="…" hidden>` is shown where the browser can; so is `[data-passkey-link]`.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  buffer
    ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
    : undefined;

/** Returns what `navigator.credentials` takes: the JSON of the server with its bytes read. */
function optionsOf(form) {
  const options = JSON.parse(form.dataset.options);
  const keys = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  options.excludeCredentials = keys(options.excludeCredentials);
  options.allowCredentials = keys(options.allowCredentials);
  return options;
}

/** Returns the answer of the device as JSON, every buffer in base64url. */
function answerOf(credential) {
  const { response } = credential;
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
      transports: response.getTransports?.(),
    },
  });
}

async function send(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    const publicKey = optionsOf(form);
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
    form.elements.given.value = answerOf(credential);
  } catch {
    // Whoever closes the question of the browser, and whoever has no key, reads the same.
    problem.hidden = false;
    return;
  }
  form.submit();
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const missing of document.querySelectorAll("[data-passkey-missing]")) missing.hidden = true;
  for (const link of document.querySelectorAll("[data-passkey-link]")) link.hidden = false;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
    if ("atOnce" in form.dataset) send(form);
  }
}
