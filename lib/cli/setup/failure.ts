/**
 * A set-up step that cannot go on. Its message is one sentence that says what to install or allow;
 * the command line prints it without a stack.
 */
export class SetupFailure extends Error {
  override readonly name = "SetupFailure";
}
