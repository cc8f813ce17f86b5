import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { progressLine } from "../../lib/terminal/progress.ts";

/** A place that remembers what is written to it. */
function place(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 40, write: (text: string) => written.push(text), written };
}

Deno.test("a log gets the lines that are due now and those that stay", () => {
  const stream = place(false);
  const line = progressLine({ stream });
  line.show("left out");
  line.show("epoch 1", { now: true });
  line.keep("done");
  line.stop();
  assertEquals(stream.written, ["epoch 1\n", "done\n"]);
});

Deno.test("a log gets a line once the time between two has passed", () => {
  const stream = place(false);
  const line = progressLine({ stream, logSeconds: 0 });
  for (const text of ["a", "b"]) line.show(text);
  assertEquals(stream.written, ["a\n", "b\n"]);
});

Deno.test("a terminal's line is cut to its width, cleared and followed by what stays", () => {
  const stream = place(true);
  const line = progressLine({ stream });
  line.show("x".repeat(100));
  line.keep("done");
  const text = stream.written.join("");
  assertEquals(/x+/.exec(text)![0].length, 40);
  const erased = text.lastIndexOf("\x1b[2K");
  assert(erased > text.lastIndexOf("x"), "the line is not erased after it was last drawn");
  assertStringIncludes(text.slice(erased), "done\n");
});

Deno.test("a terminal draws a bar where the share is known, and a stopped line starts again", () => {
  const stream = place(true);
  const line = progressLine({ stream });
  line.show("half", { fraction: 0.5 });
  line.stop();
  assertStringIncludes(stream.written.join(""), `${"█".repeat(10)}${"░".repeat(10)} half`);
  const before = stream.written.length;
  line.show("again");
  line.stop();
  assertStringIncludes(stream.written.slice(before).join(""), "again");
});

Deno.test("in a notebook a text that stays ends its output, and a failing display is survived", async () => {
  const types: string[] = [];
  const jupyter = {
    broadcast(type: string) {
      types.push(type);
      return Promise.reject(new Error("no front end"));
    },
  };
  const warn = console.warn;
  let warnings = 0;
  console.warn = () => warnings++;
  try {
    const line = progressLine({ jupyter });
    line.show("a");
    line.show("too soon");
    line.keep("b");
    line.keep("c");
    await new Promise((done) => setTimeout(done));
  } finally {
    console.warn = warn;
  }
  assertEquals(types, ["display_data", "update_display_data", "display_data"]);
  assertEquals(warnings, 3);
});

Deno.test("in a notebook the seconds that are left travel beside the text, and end with it", () => {
  const sent: unknown[] = [];
  const jupyter = {
    broadcast(_type: string, content: Record<string, unknown>) {
      sent.push(content.metadata);
      return undefined;
    },
  };
  const line = progressLine({ jupyter });
  line.show("10 %", { secondsLeft: 840, now: true });
  line.show("?", { now: true });
  line.keep("done");
  assertEquals(sent, [{ progress: { secondsLeft: 840 } }, {}, {}]);
});
