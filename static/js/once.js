/** How long the same button counts as clicked by the same hand, in milliseconds. A file may be asked for again after it. */
const SAME_HAND = 3000;

/** Sends a form once where a hand clicks twice: what counts once, such as a code, would be refused at the second. */
export function sendOnce(document) {
  let last = { form: null, button: null, at: 0 };
  const forget = () => { last = { form: null, button: null, at: 0 }; };
  // After the form's own listeners: what they keep back was not sent.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    const now = performance.now();
    const again = event.target === last.form && event.submitter === last.button && now - last.at < SAME_HAND;
    if (again) event.preventDefault();
    else last = { form: event.target, button: event.submitter, at: now };
  });
  // Back from the next page, the form may be sent anew.
  window.addEventListener("pageshow", forget);
}
