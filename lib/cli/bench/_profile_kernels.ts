import { nativeBackend } from "../../backend/native_op.ts";
import type { Profile } from "./_protocol.ts";

type Listener = (name: string, milliseconds: number) => void;

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
          record(String(name), performance.now() - start);
        }
      };
    },
  });
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
  const backend: { binding: object } = nativeBackend();
  const { binding } = backend;
  const kernels = new Map<string, { calls: number; milliseconds: number }>();
  backend.binding = timedBinding(binding, (name, milliseconds) => {
    const kernel = kernels.get(name) ?? { calls: 0, milliseconds: 0 };
    kernel.calls += 1 / repeats;
    kernel.milliseconds += milliseconds / repeats;
    kernels.set(name, kernel);
  });
  const start = performance.now();
  try {
    for (let k = 0; k < repeats; k++) await run();
  } finally {
    backend.binding = binding;
  }
  const total = (performance.now() - start) / repeats;
  const sorted = [...kernels].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  return { total, kernels: sorted.map(([name, kernel]) => ({ name, ...kernel })) };
}
