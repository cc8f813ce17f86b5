/** Nesterov's momentum is a form of sgd's: refuses it where there is none. */
export function requireNesterovMomentum(optimizer: string, momentum: number): void {
  if (optimizer === "sgd" && momentum > 0) return;
  const found = optimizer === "sgd" ? `momentum ${momentum}` : `optimizer "${optimizer}"`;
  throw new RangeError(
    `Expected nesterov to be false without sgd and its momentum but found ${found}`,
  );
}
