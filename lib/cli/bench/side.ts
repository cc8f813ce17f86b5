import { z } from "zod";
import { TextLineStream } from "../text_lines.ts";
import {
  answerSchema,
  type Description,
  descriptionSchema,
  type Request,
  secondsSchema,
  type TaskOptions,
} from "./_protocol.ts";

/** What a user can mend, e.g. a Python without PyTorch; shown without a stack trace. */
export class SideFailure extends Error {
  override readonly name = "SideFailure";
}

/** How a side is started. */
export interface SideCommand {
  /** Names it in errors. */
  readonly name: string;
  /** How to mend it where it does not start, one sentence. */
  readonly hint?: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A process that measures on request; see {@linkcode Request}. */
export class Side {
  readonly #name: string;
  readonly #hint: string;
  readonly #process: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;

  /**
   * Starts the process.
   *
   * @throws {SideFailure} If there is no such program.
   */
  constructor({ name, hint = "", program, args, env }: SideCommand) {
    this.#name = name;
    this.#hint = hint;
    try {
      this.#process = new Deno.Command(program, {
        args: [...args],
        env,
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
    } catch (error) {
      throw new SideFailure(`Cannot start ${name} with ${program}: ${error}. ${hint}`, {
        cause: error,
      });
    }
    this.#requests = this.#process.stdin.getWriter();
    this.#answers = this.#process.stdout
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new TextLineStream())
      .getReader();
  }

  /**
   * Asks and waits for the answer.
   *
   * @param schema The answer's form.
   * @throws {SideFailure} If the side reports an error or ends.
   * @throws {z.ZodError} If it answers in another form.
   */
  async ask<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
    await this.#requests.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    const { value: line } = await this.#answers.read();
    if (line === undefined) {
      const { code } = await this.#process.status;
      throw new SideFailure(
        `${this.#name} ended with code ${code} at ${JSON.stringify(request)}. ${this.#hint}`,
      );
    }
    const answer = answerSchema.parse(JSON.parse(line));
    if (answer.error !== undefined) {
      throw new SideFailure(`${this.#name} failed at ${JSON.stringify(request)}:\n${answer.error}`);
    }
    return schema.parse(answer.value);
  }

  /** Versions, and the variants of each task. */
  describe(): Promise<Description> {
    return this.ask({ kind: "describe" }, descriptionSchema);
  }

  /** Seconds of each call of a task. */
  time(task: string, variant: string, options: TaskOptions, budget: number): Promise<number[]> {
    return this.ask({ kind: "time", task, variant, options, budget }, secondsSchema);
  }

  /** The most memory the process has held so far, in bytes. */
  peakMemory(): Promise<number> {
    return this.ask({ kind: "memory" }, z.number().positive());
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#requests.close().catch(() => {}); // it may have ended by itself
    await this.#answers.cancel();
    await this.#process.status;
  }
}
