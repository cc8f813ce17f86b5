/**
 * The used part of cli-progress's interface. Its published types pull in `@types/node`, which would
 * replace the runtime's own types of `node:` modules in the whole project.
 */
declare class SingleBar {
  constructor(options: Record<string, unknown>, preset: Record<string, unknown>);
  start(total: number, startValue: number, payload: Record<string, unknown>): void;
  update(value: number, payload: Record<string, unknown>): void;
  stop(): void;
}
declare const cliProgress: {
  readonly SingleBar: typeof SingleBar;
  readonly Presets: { readonly shades_classic: Record<string, unknown> };
  readonly Format: { BarFormat(progress: number, options: unknown): string };
};
export default cliProgress;
