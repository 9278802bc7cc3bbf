// The address `/`: goes on to the language read last, else to the browser's first language that the course has.
let chosen = null;
try {
  chosen = localStorage.getItem("ensemble.lang");
} catch {
  // A browser that keeps nothing is asked each time.
}
if (chosen !== "en" && chosen !== "zh") {
  const known = navigator.languages
    .map((tag) => tag.slice(0, 2).toLowerCase())
    .find((tag) => tag === "en" || tag === "zh");
  chosen = known ?? "en";
}
location.replace(`./${chosen}/${location.search}${location.hash}`);
