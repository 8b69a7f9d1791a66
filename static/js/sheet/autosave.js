import { armChoices, isUndecided, showConflict } from "./conflict.js";
import { keyOf, loadedValueOf, valueOf } from "./rows.js";
import { trouble } from "./trouble.js";

const PAUSE = 1500;
const FIRST_RETRY = 2000;
const LAST_RETRY = 60000;
const LOST = "つながらないため、まだ保存できていません。書いた内容はこの画面に残っています。つながると自動で送ります。";

/**
 * Saves changed cells a moment after the last change, one request at a time. A lost connection is tried again;
 * a refusal stops it, says what to do and leaves the text where it is. Nothing is kept in the browser.
 */
export function autosave(form, { rows, update }) {
  const byCode = new Map(rows.map((row) => [row.dataset.cell, row]));
  const saved = new Map(rows.map((row) => [row.dataset.cell, keyOf(loadedValueOf(row))]));
  const refused = new Map();
  const status = form.querySelector("[data-status]");
  const box = trouble(form, resume);
  let timer = 0;
  let busy = false;
  let stopped = false;
  let wait = FIRST_RETRY;

  const isDirty = (row) => keyOf(valueOf(row)) !== saved.get(row.dataset.cell);
  const toSend = () =>
    rows.filter((row) => isDirty(row) && !isUndecided(row) && refused.get(row.dataset.cell) !== keyOf(valueOf(row)));
  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  function schedule(delay = PAUSE) {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(send, delay);
  }

  async function send() {
    clearTimeout(timer);
    const sending = toSend();
    if (busy || stopped) return;
    if (sending.length === 0) return settle();
    busy = true;
    const sent = new Map(sending.map((row) => [row.dataset.cell, valueOf(row)]));
    let response;
    let answer = null;
    try {
      response = await fetch(form.dataset.saveUrl, {
        method: "POST",
        body: bodyOf(sent),
        headers: { Accept: "application/json" },
        redirect: "manual",
      });
      answer = await response.json().catch(() => null);
    } catch {
      response = null;
    }
    busy = false;
    if (!response || response.status >= 500 || response.status === 429) return retry(sent);
    if (!answer?.bases) return stop(response.status, answer?.error);
    wait = FIRST_RETRY;
    take(answer, sent);
  }

  function bodyOf(sent) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("matrix", form.elements.matrix.value);
    for (const [code, { step, evidence }] of sent) {
      body.set(`base-${code}`, form.elements[`base-${code}`].value);
      body.set(`step-${code}`, step);
      body.set(`evidence-${code}`, evidence);
    }
    return body;
  }

  function take(answer, sent) {
    for (const [code, base] of Object.entries(answer.bases)) {
      form.elements[`base-${code}`].value = base;
      saved.set(code, keyOf(sent.get(code)));
      showProblem(byCode.get(code), "");
    }
    for (const [code, text] of Object.entries(answer.problems ?? {})) {
      refused.set(code, keyOf(sent.get(code)));
      showProblem(byCode.get(code), text);
    }
    for (const [code, both] of Object.entries(answer.conflicts ?? {})) showConflict(form, byCode.get(code), both);
    if (rows.some(isUndecided)) box.choose(rows.filter(isUndecided));
    say(`${answer.saved_at}に自動で保存しました`);
    if (toSend().length > 0) schedule();
    else settle();
  }

  function settle() {
    if (!rows.some(isDirty)) form.dispatchEvent(new Event("saved"));
  }

  function retry(sent) {
    say(LOST);
    // The answer may be all that got lost: what is stored is unknown now, even if the person takes it back.
    for (const code of sent.keys()) saved.delete(code);
    schedule(wait);
    wait = Math.min(wait * 2, LAST_RETRY);
  }

  function stop(code, error) {
    stopped = true;
    clearTimeout(timer);
    say("自動保存を止めました");
    box.stop(code, error);
  }

  function resume() {
    stopped = false;
    say("");
    send();
  }

  armChoices(form, (row, whose) => {
    if (whose === "theirs") saved.set(row.dataset.cell, keyOf(valueOf(row)));
    else saved.delete(row.dataset.cell);
    const open = rows.filter(isUndecided);
    if (open.length > 0) box.choose(open);
    else box.clear();
    update();
    send();
  });
  form.addEventListener("input", () => schedule());
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    say(LOST);
    // The guard of the page took this for leaving with everything sent.
    form.dispatchEvent(new Event("input"));
  });
  window.addEventListener("online", () => {
    wait = FIRST_RETRY;
    send();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) send();
  });
  form.dataset.autosave = "on";
  if (!status.textContent.trim()) say("書いた内容は自動で保存します");
  if (toSend().length > 0) schedule();
}

/** Prints the server's sentence under the controls of a row, or takes it away. */
function showProblem(row, text) {
  const code = row.dataset.cell;
  let line = row.querySelector(".error-text");
  if (!text) {
    line?.remove();
    row.classList.remove("has-error");
    row.querySelector("textarea").removeAttribute("aria-invalid");
    return;
  }
  if (!line) {
    line = document.createElement("p");
    line.className = "error-text";
    line.id = `error-${code}`;
    row.querySelector(".evidence").after(line);
  }
  line.textContent = `＊${text}`;
  row.classList.add("has-error");
  row.querySelector("textarea").setAttribute("aria-invalid", "true");
}
