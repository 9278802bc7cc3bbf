const kept = new Map<string, { readonly __html: string }>();

/**
 * The words of a plain block of a lesson, read once from the prerendered page. The lesson's script leaves them out
 * (ui/build/keptProse.ts): the reader has them already.
 */
export function prose(id: string): { readonly __html: string } {
  let words = kept.get(id);
  if (words === undefined) {
    words = { __html: document.querySelector(`[data-prose="${id}"]`)?.innerHTML ?? "" };
    kept.set(id, words);
  }
  return words;
}
