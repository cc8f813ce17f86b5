/**
 * Sends a request and gives it up where no answer begins in time; a body that runs is not cut off.
 *
 * @param seconds How long to wait for the answer's head.
 * @param url The address.
 * @param init As for `fetch`.
 * @returns The answer.
 * @throws {Error} "no answer within ... s", or what `fetch` throws.
 */
export async function fetchWithin(
  seconds: number,
  url: string,
  init: RequestInit = {},
): Promise<Response> {
  const stop = new AbortController();
  const complaint = new Error(`no answer within ${seconds} s`);
  const timer = setTimeout(() => stop.abort(complaint), seconds * 1000);
  const signal = init.signal ? AbortSignal.any([init.signal, stop.signal]) : stop.signal;
  try {
    return await fetch(url, { ...init, signal });
  } finally {
    clearTimeout(timer);
  }
}
