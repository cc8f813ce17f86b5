/**
 * What is used of sharp. Its own types pull in those of Node, which differ from Deno's.
 *
 * @module
 */

/** How a file is read. */
export interface InputOptions {
  /** From which fault on a file is refused. */
  readonly failOn: "none" | "truncated" | "error" | "warning";
  /** Whether colour profiles are left aside. */
  readonly ignoreIcc: boolean;
}

/** Raw pixels and their form. */
export interface RawImage {
  readonly data: Uint8Array;
  readonly info: { readonly width: number; readonly height: number; readonly channels: number };
}

/** Steps that a decoded image goes through. */
export interface Sharp {
  metadata(): Promise<{ readonly space: string }>;
  autoOrient(): Sharp;
  pipelineColourspace(space: "cmyk"): Sharp;
  toColourspace(space: "cmyk" | "srgb"): Sharp;
  raw(): Sharp;
  toBuffer(options: { readonly resolveWithObject: true }): Promise<RawImage>;
}

/** Begins with the bytes of a file. */
export default function sharp(bytes: Uint8Array, options: InputOptions): Sharp;
