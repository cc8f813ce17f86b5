/** A page has no interrupts: stands for `../interrupt.ts` in a browser, for those who only look. */

/** Does nothing. */
export function throwIfInterrupted(): void {}
