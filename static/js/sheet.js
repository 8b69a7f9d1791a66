// The sheet: everything here only helps; the page saves and submits without it.
import { autosave } from "./sheet/autosave.js";
import { showProgress } from "./sheet/progress.js";
import { armKeys } from "./sheet/keys.js";

const form = document.querySelector("form[data-sheet]");
if (form) {
  const progress = showProgress(form);
  armKeys(form, progress);
  autosave(form, progress);
}
