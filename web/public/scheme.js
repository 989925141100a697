// Sets the colour scheme before the first paint. It is a file of its own because the page allows no inline script.
(() => {
  const chosen = localStorage.getItem("flero-color-scheme");
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
