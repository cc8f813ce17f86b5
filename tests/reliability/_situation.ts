/** Hostile or unlucky situations, each with what must come of it. */

/** One situation. */
export interface Situation {
  /** What happens, e.g. "config.json is a pipe". */
  readonly name: string;
  /** `true`: it takes minutes or other programs, and is tried by `deno task soak` alone. */
  readonly slow?: boolean;
  /** Why it cannot be tried on this machine, if so. */
  readonly ignore?: string | undefined;
  /** Fails if the situation is not survived. */
  readonly run: () => Promise<void> | void;
}

/** Longest time to refuse something "at once", in ms; these machines may be busy. */
const AT_ONCE = 15_000;

/** Requires that a task ends in a moment, well or not: a pipe that is read waits for ever. */
export async function atOnce<T>(task: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${AT_ONCE} ms`)), AT_ONCE);
  });
  try {
    return await Promise.race([task(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a program of the system; false if it fails or there is none of that name. */
export async function system(command: string, ...args: string[]): Promise<boolean> {
  try {
    const child = new Deno.Command(command, { args, stdout: "null", stderr: "null" });
    return (await child.output()).success;
  } catch {
    return false;
  }
}
