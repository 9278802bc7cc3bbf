// Runs before the first paint, so that a chosen theme does not flash; ui/theme/ThemeToggle.tsx keeps the choice.
try {
  const theme = localStorage.getItem("ensemble.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing follows the system.
}
