/* Runs before the first paint, so that a chosen theme does not flash. */
"use strict";
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("theme");
  } catch { /* storage may be off; the system's theme then holds */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
