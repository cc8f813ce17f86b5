import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { directoryWith } from "./fixtures.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const script = new URL("../../lib/cli/download.ts", import.meta.url).pathname;

/** Runs the command; none of these calls reaches the network. */
async function download(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, ...args],
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), error: text(stderr) };
}

Deno.test("download --help names every flag with its default", async () => {
  const { code, out } = await download("--help");
  assertEquals(code, 0);
  for (const flag of ["--dataset", "--data", "--subset", "--retries", "--stall"]) {
    assertStringIncludes(out, flag);
  }
  assertStringIncludes(out, 'default: "notebooks"');
  assertStringIncludes(out.replace(/\s+/g, " "), '"notebooks" stands for mnist, svhn, cifar10');
});

Deno.test("download refuses wrong flags with one sentence", async () => {
  for (const args of [["--dataset", "imagenet"], ["--retries", "-1"], ["--wrong"], ["extra"]]) {
    const { code, error } = await download(...args);
    assert(code !== 0, args.join(" "));
    assert(error.split("\n").length <= 2 && !error.includes("    at "), error);
  }
});

Deno.test("download leaves other files in place and says so", async () => {
  const data = await directoryWith({ "SVHN/train_32x32.mat": Uint8Array.of(1, 2, 3) });
  const { code, error } = await download("--dataset", "svhn", "--data", data);
  assertEquals(code, 1);
  assertStringIncludes(error, `${data}/SVHN/train_32x32.mat is there but is not the official file`);
  assertEquals(error.split("\n").length, 1);
  assertEquals(await Deno.readFile(`${data}/SVHN/train_32x32.mat`), Uint8Array.of(1, 2, 3));
});

Deno.test("the subset may not replace the official files", async () => {
  const data = await temporaryFolder();
  const { code, error } = await download("--data", data, "--subset", `${data}/.`);
  assertEquals(code, 1);
  assertStringIncludes(error, "--subset must be another directory");
});
