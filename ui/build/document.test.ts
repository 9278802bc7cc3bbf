import { expect, test } from "vitest";
import { contentSecurityPolicy, documentOf, inlineStyle } from "./document";

test("an inlined style finds its fonts from the page's place", () => {
  expect(inlineStyle("a{src:url(./serif.woff2)}b{src:url('sans.woff2')}", "../../")).toBe(
    "a{src:url(../../assets/serif.woff2)}b{src:url('../../assets/sans.woff2')}",
  );
});

test("an inlined style keeps data and fragments as they are", () => {
  const css = "a{background:url(data:image/png;base64,AA)}b{filter:url(#blur)}";
  expect(inlineStyle(css, "../")).toBe(css);
});

test("the policy allows the one style by its hash and nothing inline besides", () => {
  const policy = contentSecurityPolicy("a{}");
  expect(policy).toContain(
    "style-src 'self' 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='",
  );
  expect(policy).not.toMatch(/unsafe|https?:/);
});

test("what a lesson calls itself cannot break out of the head", () => {
  const html = documentOf({
    htmlLang: "en",
    title: 'Votes </title><script src="x">',
    description: '"',
    root: "",
    style: "",
    policy: false,
    head: [],
    body: "",
  });
  expect(html).not.toContain("<script");
  expect(html).toContain('content="&quot;"');
});
