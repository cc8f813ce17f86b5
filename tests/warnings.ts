/** Runs an action and returns what it warned. */
export async function warningsOf(action: () => Promise<unknown>): Promise<string[]> {
  const { warn } = console;
  const said: string[] = [];
  console.warn = (...words: unknown[]) => said.push(words.join(" "));
  try {
    await action();
  } finally {
    console.warn = warn;
  }
  return said;
}
