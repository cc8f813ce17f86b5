/** Texts that would steer the terminal, and a stdout or stderr that cannot be written. */
import { fileURLToPath } from "node:url";
import { assertEquals, assertMatch, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { withFolder } from "../../experiments/synthetic_run.ts";
import type { Situation } from "../_situation.ts";

const script = fileURLToPath(new URL("../_guarded_command.ts", import.meta.url));
const noShell = Deno.build.os === "windows" ? "there is no sh" : undefined;
const noFull = Deno.build.os === "linux" ? undefined : "there is no /dev/full";

/** Runs the command with what the shell does to its output. */
async function shell(redirection: string, ...args: string[]) {
  const command = [Deno.execPath(), "run", "-q", "--no-check", "-A", script, ...args]
    .map((part) => `'${part}'`).join(" ");
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `${command} ${redirection}`],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const lost: readonly [name: string, redirection: string, says: RegExp, code: number][] = [
  ["stdout is full", ">/dev/full", /^Cannot write to stdout: No space left on device/m, 1],
  ["nobody reads the pipe of stdout", "| true", /^Cannot write to stdout: Broken pipe/m, 0],
  ["stdout is closed", ">&-", /^stdout is closed/m, 0],
];

/** Output that must not steer, and output that cannot be written. */
export const situations: readonly Situation[] = [
  {
    name: "a file's text would clear the screen, in results, messages, errors and progress",
    ignore: noShell,
    run: async () => {
      const { stdout, stderr } = await shell("", "steer");
      for (const text of [stdout, stderr]) {
        assertStringIncludes(text, "\\u{1b}[2Ja\\u{d}b\\u{9b}31m\\u{202e}\\u{7}");
        assertEquals(/(?![\n\t])[\p{Cc}\p{Cf}]/u.test(text), false, JSON.stringify(text));
      }
      assertEquals(stderr.split("\\u{1b}").length - 1 >= 5, true, stderr);
    },
  },
  ...lost.map(([name, redirection, says, expected]) => ({
    name,
    ignore: redirection.includes("full") ? noFull : noShell,
    run: () =>
      withFolder(async (folder) => {
        const { code, stderr } = await shell(redirection, "work", `${folder}/file`);
        assertMatch(stderr, says);
        assertEquals(stderr.match(/stdout/g)?.length, 1, stderr);
        assertEquals(code, expected); // of a pipe the shell tells the last program's
        assertEquals(await Deno.readTextFile(`${folder}/file`), "finished");
      }),
  })),
  ...[["full", "2>/dev/full"], ["closed", "2>&-"]].map(([what, redirection]) => ({
    name: `stderr is ${what}`,
    ignore: noFull,
    run: () =>
      withFolder(async (folder) => {
        const { code, stdout } = await shell(redirection!, "work", `${folder}/file`);
        assertEquals([code, stdout], [0, "the result\nmore of it\n"]);
        assertEquals(await Deno.readTextFile(`${folder}/file`), "finished");
      }),
  })),
];
