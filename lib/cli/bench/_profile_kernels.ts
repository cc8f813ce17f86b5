import { nativeBackend } from "../../backend/native_op.ts";
import type { Profile, Trace } from "./_protocol.ts";

type Listener = (name: string, start: number, milliseconds: number) => void;

/**
 * The binding with a clock around each of its functions. Its properties are read-only, which a proxy
 * of it would have to honour; a proxy of an empty object need not.
 */
function timedBinding<T extends object>(binding: T, record: Listener): T {
  return new Proxy({} as T, {
    get(_, key) {
      const member: unknown = Reflect.get(binding, key);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const start = performance.now();
        try {
          return member.apply(binding, args) as unknown;
        } finally {
          const name = key === "executeOp" ? args[0] : key;
          record(String(name), start, performance.now() - start);
        }
      };
    },
  });
}

/** Runs a computation with a clock around each native call; starts count from its own. */
async function clocked(run: () => unknown, record: Listener): Promise<number> {
  const backend: { binding: object } = nativeBackend();
  const { binding } = backend;
  const begin = performance.now();
  backend.binding = timedBinding(binding, (name, start, milliseconds) => {
    record(name, start - begin, milliseconds);
  });
  try {
    await run();
  } finally {
    backend.binding = binding;
  }
  return performance.now() - begin;
}

/** Lists the native calls of one call of `run`, in order, with their times. */
export async function traceCalls(run: () => unknown): Promise<Trace> {
  const calls: Trace["calls"] = [];
  const total = await clocked(run, (name, start, milliseconds) => {
    calls.push({ name, start, milliseconds });
  });
  return { total, calls };
}

/**
 * Times the native kernels of a computation. Kernels run one after another on the calling thread, so
 * their times add up; what they leave of the total is JavaScript. On a GPU the times are only those
 * of handing kernels over, and reading a result takes the time of all kernels before it.
 *
 * @param run Called `repeats` times.
 * @returns Means of one call.
 */
export async function profileKernels(
  run: () => void | Promise<unknown>,
  repeats = 5,
): Promise<Profile> {
  const kernels = new Map<string, { calls: number; milliseconds: number }>();
  const repeated = async () => {
    for (let k = 0; k < repeats; k++) await run();
  };
  const total = await clocked(repeated, (name, _, milliseconds) => {
    const kernel = kernels.get(name) ?? { calls: 0, milliseconds: 0 };
    kernel.calls += 1 / repeats;
    kernel.milliseconds += milliseconds / repeats;
    kernels.set(name, kernel);
  }) / repeats;
  const sorted = [...kernels].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  return { total, kernels: sorted.map(([name, kernel]) => ({ name, ...kernel })) };
}
