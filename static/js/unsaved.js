/** Asks before a page with unsent changes in a `<form data-guard>` is left; sending the form is no leaving. */
export function guardForms(root) {
  for (const form of root.querySelectorAll("form[data-guard]")) {
    let dirty = false;
    const ask = (event) => event.preventDefault();
    const mark = (next) => {
      if (next === dirty) return;
      dirty = next;
      // A listener that stays would keep the page out of the back-forward cache.
      if (dirty) window.addEventListener("beforeunload", ask);
      else window.removeEventListener("beforeunload", ask);
    };
    form.addEventListener("input", () => mark(true));
    form.addEventListener("submit", () => mark(false));
    // Whoever saves in the background tells us with this event.
    form.addEventListener("saved", () => mark(false));
  }
}
