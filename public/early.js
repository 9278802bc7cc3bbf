// Runs before the page's own scripts: keeps what is clicked or pressed in the cluster before it listens.
// ui/lab/early.ts does it once it does.
{
  const types = ["pointerdown", "pointerup", "pointercancel", "click", "keydown"];
  const events = [];
  const keep = (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const isInside = at?.closest("#cluster") && !at.closest("a, input, summary");
    const ends = event.type === "pointerup" || event.type === "pointercancel";
    if (events.length > 40 || event.repeat || event.ctrlKey || event.metaKey || event.altKey)
      return;
    if (!isInside && !(ends && events.length > 0)) return;
    events.push(event);
    document.documentElement.dataset.early = "";
  };
  for (const type of types) addEventListener(type, keep, true);
  window.takeEarly = () => {
    for (const type of types) removeEventListener(type, keep, true);
    delete document.documentElement.dataset.early;
    return events.splice(0);
  };
}
