/**
 * Watches a connection: calls `abort` when `arrived` was not called for the given time.
 *
 * @param seconds The longest silence.
 * @param abort Gets the reason.
 */
export function watchForStall(seconds: number, abort: (error: Error) => void) {
  const fail = () => abort(new Error(`nothing arrived for ${seconds} s`));
  let timer = setTimeout(fail, seconds * 1000);
  return {
    arrived() {
      clearTimeout(timer);
      timer = setTimeout(fail, seconds * 1000);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
