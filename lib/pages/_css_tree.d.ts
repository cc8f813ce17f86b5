/** The part of css-tree's interface in use. It publishes no types of its own. */

/** A node of a syntax tree; which of the optional members it has depends on its type. */
export interface CssNode {
  readonly type: string;
  /** Of a function or an at-rule, its name; of other nodes also a node. */
  readonly name?: string | CssNode;
  /** Of a declaration. */
  readonly property?: string;
  /** Of a declaration, its value; of a URL, its address. */
  readonly value?: CssNode | string;
  /** Of a rule, an at-rule. */
  readonly prelude?: CssNode | null;
  readonly block?: CssNode | null;
  /** Of a block, a list of declarations, a style sheet. */
  readonly children?: CssList;
}

/** A list of nodes. */
export interface CssList {
  toArray(): CssNode[];
}

/** Parses CSS; what it does not understand becomes a node of type `Raw`. */
export function parse(
  css: string,
  options?: {
    context?: "stylesheet" | "declarationList";
    parseCustomProperty?: boolean;
  },
): CssNode;

/** Writes a syntax tree as CSS. */
export function generate(node: CssNode): string;

/** Visits a node and all below it. */
export function walk(node: CssNode, visit: (node: CssNode) => void): void;
