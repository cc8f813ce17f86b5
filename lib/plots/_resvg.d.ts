/** The part of resvg's interface in use. Its own types refer to @types/node, which replaces Deno's
 * types of `node:` modules in every file of the program. */
export interface ResvgOptions {
  readonly background?: string;
  readonly fitTo?: { readonly mode: "zoom"; readonly value: number };
  readonly font?: {
    readonly loadSystemFonts?: boolean;
    readonly fontFiles?: readonly string[];
    readonly defaultFontFamily?: string;
    readonly sansSerifFamily?: string;
  };
}

export class Resvg {
  constructor(svg: string, options?: ResvgOptions);
  render(): {
    asPng(): Uint8Array;
    readonly pixels: Uint8Array;
    readonly width: number;
  };
}
