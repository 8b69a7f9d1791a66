import { parsed } from "../inert.js";

const ENDED =
  "ログインの時間が切れました。別のタブでログインし直してから、「もう一度送る」を押してください。書いた内容はこの画面に残っています。";
const SIGNED_IN_ANEW =
  "この画面を開いた後に、ログインし直されました。「もう一度送る」を押してください。書いた内容はこの画面に残っています。";
const COPY = "書いた内容はこの画面に残っています。必要なら写してから、画面を読み込み直してください。";

/**
 * The box that says why saving stopped and what to do. `stop(status, sentence)` fills it, `choose(rows)` leads to
 * rows with two texts, `clear()` hides it. `resume` is called once the page may send again.
 */
export function trouble(form, resume) {
  const box = form.querySelector("[data-trouble]");

  const clear = () => {
    box.hidden = true;
    box.replaceChildren();
  };

  const show = (text, ...controls) => {
    const line = document.createElement("p");
    line.textContent = text;
    const actions = document.createElement("p");
    actions.className = "actions";
    actions.append(...controls);
    box.replaceChildren(line, ...(controls.length > 0 ? [actions] : []));
    box.hidden = false;
  };

  const stop = (status, sentence) => {
    // 0 is a redirect, which only a lost session answers. 403: the form's own token is of an earlier sign-in.
    if (status === 401 || status === 0) show(ENDED, signInLink(), againButton());
    else if (status === 403) show(SIGNED_IN_ANEW, againButton());
    else show(`${sentence ?? "保存できませんでした。"}${COPY}`);
  };

  const choose = (rows) => {
    const links = rows.map((row) => {
      const link = document.createElement("a");
      link.href = `#conflict-${row.dataset.cell}`;
      link.textContent = row.querySelector("[data-name]").textContent;
      return link;
    });
    show("別の画面で同じ項目が保存されています。どちらを残すか選んでください。", ...links);
  };

  const againButton = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = "もう一度送る";
    button.addEventListener("click", again);
    return button;
  };

  async function again() {
    // Buttons named "action" hide the form's own property.
    const page = await freshPage(form.getAttribute("action"));
    if (page === null) return stop(401);
    const token = page.querySelector("form[data-sheet] input[name='csrfmiddlewaretoken']");
    if (!token) return stop(409, "この年度票は、いまは記入できません。");
    form.elements.csrfmiddlewaretoken.value = token.value;
    clear();
    resume();
  }

  return { clear, stop, choose };
}

function signInLink() {
  const link = document.createElement("a");
  link.href = "/login/";
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "別のタブでログインする";
  return link;
}

/** Returns the page as it is now, parsed, null while nobody is signed in or nothing answers. */
async function freshPage(address) {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json, text/html" } });
    return response.ok ? parsed(await response.text()) : null;
  } catch {
    return null;
  }
}
