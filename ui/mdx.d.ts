import type { JSX as ReactJSX } from "react";
import "mdx/types.js";

// MDX's own types still look for a global JSX, which React 19 no longer declares.
declare module "mdx/types.js" {
  namespace JSX {
    type Element = ReactJSX.Element;
    type ElementClass = ReactJSX.ElementClass;
    type ElementType = ReactJSX.ElementType;
    type IntrinsicElements = ReactJSX.IntrinsicElements;
  }
}
