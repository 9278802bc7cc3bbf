/** What this file asks of a node of the page tree (hast, with MDX's own nodes). */
interface Node {
  type: string;
  tagName?: string;
  value?: string;
  name?: string;
  properties?: Record<string, unknown>;
  attributes?: unknown[];
  children?: Node[];
  data?: unknown;
}

/** A shorter block costs more as a reference than as itself. */
const MIN_CHARACTERS = 60;

function textOf(node: Node): string {
  return (node.value ?? "") + (node.children ?? []).map(textOf).join("");
}

/** Plain words and tags, nothing that could react to the reader. */
function isPlain(node: Node): boolean {
  return (node.type === "element" || node.type === "text") && (node.children ?? []).every(isPlain);
}

function hasPlainAttributes({ properties = {} }: Node): boolean {
  return Object.values(properties).every((value) => typeof value === "string");
}

const call = (name: string, argument: string) => ({
  type: "Program",
  sourceType: "module",
  body: [
    {
      type: "ExpressionStatement",
      expression: {
        type: "CallExpression",
        callee: { type: "Identifier", name },
        arguments: [{ type: "Literal", value: argument, raw: JSON.stringify(argument) }],
        optional: false,
      },
    },
  ],
});

const importOf = (name: string, source: string) => ({
  type: "Program",
  sourceType: "module",
  body: [
    {
      type: "ImportDeclaration",
      attributes: [],
      specifiers: [
        {
          type: "ImportSpecifier",
          imported: { type: "Identifier", name },
          local: { type: "Identifier", name },
        },
      ],
      source: { type: "Literal", value: source, raw: JSON.stringify(source) },
    },
  ],
});

/**
 * Plain prose stands in the prerendered page already, so the browser's script need not carry it again. Each plain
 * block of a lesson gets a number; for the browser its words are left out, and React takes them from the page
 * (ui/lesson/prose.ts). Half of a lesson's script is saved, and the more the longer the lesson.
 */
export function keptProse({ forBrowser }: { forBrowser: boolean }) {
  return (tree: unknown): void => {
    const root = tree as Node;
    let count = 0;
    root.children = (root.children ?? []).map((node) => {
      const isBlock = node.type === "element" && hasPlainAttributes(node) && isPlain(node);
      if (!isBlock || textOf(node).length < MIN_CHARACTERS) return node;
      count += 1;
      const id = String(count);
      if (!forBrowser) return { ...node, properties: { ...node.properties, dataProse: id } };
      const html = {
        type: "mdxJsxAttributeValueExpression",
        value: `prose("${id}")`,
        data: { estree: call("prose", id) },
      };
      return {
        type: "mdxJsxFlowElement",
        name: node.tagName ?? "p",
        attributes: [
          ...Object.entries(node.properties ?? {}).map(([name, value]) => ({
            type: "mdxJsxAttribute",
            name,
            value,
          })),
          { type: "mdxJsxAttribute", name: "data-prose", value: id },
          { type: "mdxJsxAttribute", name: "dangerouslySetInnerHTML", value: html },
        ],
        children: [],
      };
    });
    if (forBrowser && count > 0) {
      root.children.unshift({
        type: "mdxjsEsm",
        value: "",
        data: { estree: importOf("prose", "/ui/lesson/prose.ts") },
      } as Node);
    }
  };
}
