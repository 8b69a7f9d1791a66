/**
 * Moves the focus to the error summary, so that a screen reader and a keyboard start there, and lets its
 * links focus the control itself, not only scroll to it.
 */
export function focusErrorSummary(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const control = link && root.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!control) return;
    event.preventDefault();
    control.focus({ preventScroll: true });
    // The label or legend belongs on the screen too, above the control.
    (control.closest(".field, fieldset") ?? control).scrollIntoView({ block: "center" });
  });
}
