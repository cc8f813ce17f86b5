/**
 * Every version that set-up installs, with the SHA-256 of each file that it downloads itself; those
 * of `setup --gpu` are in gpu_pins.ts.
 */

import { SetupFailure } from "./failure.ts";

/** An operating system and processor, e.g. "linux-x86_64". */
export type Platform = `${string}-${string}`;

/** The platform of this process. */
export const thisPlatform: Platform = `${Deno.build.os}-${Deno.build.arch}`;

/** A wheel from the Python package index. */
export interface PinnedWheel {
  readonly name: string;
  readonly version: string;
  /** Which Python the wheel is tagged for. pip fetches it with whatever Python there is. */
  readonly pythonVersion: string;
  /** Platform tags for pip, best first. */
  readonly tags: readonly string[];
  readonly sha256: string;
  readonly megabytes: number;
}

/** A file on a web server. */
export interface PinnedFile {
  readonly url: string;
  readonly sha256: string;
  readonly megabytes: number;
}

const linuxTags = (processor: string) => [
  `manylinux_2_17_${processor}`,
  `manylinux2014_${processor}`,
];

const TENSORFLOW = { version: "2.18.1", pythonVersion: "3.11" } as const;

/** The wheels that carry TensorFlow's C library and headers. */
export const TENSORFLOW_WHEELS: { readonly [platform: Platform]: PinnedWheel } = {
  "linux-x86_64": {
    ...TENSORFLOW,
    name: "tensorflow-cpu",
    tags: linuxTags("x86_64"),
    sha256: "810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298",
    megabytes: 230,
  },
  "linux-aarch64": {
    ...TENSORFLOW,
    name: "tensorflow",
    tags: linuxTags("aarch64"),
    sha256: "8a6485edd2148f70d011dbd1d8dc2c775e91774a5a159466e83d0d1f21580944",
    megabytes: 232,
  },
  "darwin-aarch64": {
    ...TENSORFLOW,
    name: "tensorflow",
    tags: ["macosx_12_0_arm64"],
    sha256: "661029cd769b311db910b79a3a6ef50a5a61ecc947172228c777a49989722508",
    megabytes: 240,
  },
};

const DENO = { name: "deno", version: "2.9.6", pythonVersion: "3.12" } as const;

/**
 * The Deno that the notebooks' kernel runs on. It lives inside `.venv`, because the copy that `npx`
 * runs sits in a cache that npm may purge.
 */
export const DENO_WHEELS: { readonly [platform: Platform]: PinnedWheel } = {
  "linux-x86_64": {
    ...DENO,
    tags: ["manylinux_2_27_x86_64"],
    sha256: "037458003a1c76382e41baa1cd152b3325d9a13b2678f75cc653c893c0b2dfec",
    megabytes: 42,
  },
  "linux-aarch64": {
    ...DENO,
    tags: ["manylinux_2_27_aarch64"],
    sha256: "f8e1f6c053d3376388b61e658a2438ba45904a62b261988f2b858efefdc0aaad",
    megabytes: 40,
  },
  "darwin-x86_64": {
    ...DENO,
    tags: ["macosx_10_12_x86_64"],
    sha256: "845831e26d98553fb17b7baf9af4949857c5d78965c35890e7a0af9425e63734",
    megabytes: 42,
  },
  "darwin-aarch64": {
    ...DENO,
    tags: ["macosx_11_0_arm64"],
    sha256: "ecf7b5d938562e4227a5ee5b5b1025094ad44cf92d829917a3d3060bface5093",
    megabytes: 38,
  },
};

/** The two archives from which tfjs-node's own installer takes its native part. */
export interface OfficialArchives {
  readonly library: PinnedFile;
  readonly binding: PinnedFile;
}

const TFJS_NODE_VERSION = "4.22.0";
/** The TensorFlow of the official way. */
export const OFFICIAL_VERSION = "2.9.1";
const OFFICIAL_PLATFORM: Platform = "linux-x86_64";
const OFFICIAL_LIBRARY_SHA256 = "7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173";

/**
 * Where the official native part is, and what it must be.
 *
 * @param bindingSha256 The SHA-256 of the compiled binding's archive. Its publisher names none, so
 * that whoever asks for it must say which file is meant.
 * @param platform Default this process's.
 * @param read Reads an environment variable. `TFJS_NODE_BASE_URI` replaces the start of the
 * library's address and `TFJS_NODE_BINDING_URI` the folder of the binding, for a mirror; the hashes
 * stay the same.
 * @throws {SetupFailure} On a platform for which there is none, and without a hash.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * assertThrows(() => officialArchives(undefined, "linux-x86_64"), Error, "--sha256");
 * ```
 */
export function officialArchives(
  bindingSha256: string | undefined,
  platform: Platform = thisPlatform,
  read: (name: string) => string | undefined = (name) => Deno.env.get(name),
): OfficialArchives {
  if (platform !== OFFICIAL_PLATFORM) {
    throw new SetupFailure(
      `There is no official TensorFlow binary for ${platform}: use --binding wheel.`,
    );
  }
  const host = "https://storage.googleapis.com";
  const libraryBase = read("TFJS_NODE_BASE_URI") ??
    `${host}/tensorflow/libtensorflow/libtensorflow-`;
  const bindingBase = read("TFJS_NODE_BINDING_URI") ??
    `${host}/tf-builds/pre-built-binary/napi-v8/${TFJS_NODE_VERSION}`;
  const bindingUrl = `${bindingBase}/CPU-linux-${TFJS_NODE_VERSION}.tar.gz`;
  if (!/^[0-9a-f]{64}$/i.test(bindingSha256 ?? "")) {
    throw new SetupFailure(
      `The publisher of ${bindingUrl} names no hash of it, so set-up cannot tell it from another file: ` +
        "say which one you trust with --binding official --sha256 HASH (64 hexadecimal digits), or use " +
        "--binding wheel, whose files have pinned hashes.",
    );
  }
  return {
    library: {
      url: `${libraryBase}cpu-linux-x86_64-${OFFICIAL_VERSION}.tar.gz`,
      sha256: OFFICIAL_LIBRARY_SHA256,
      megabytes: 100,
    },
    binding: { url: bindingUrl, sha256: bindingSha256!.toLowerCase(), megabytes: 1 },
  };
}

/**
 * Refuses a platform for which there is no TensorFlow wheel with a pinned hash.
 *
 * @throws {SetupFailure} Naming the platforms that are supported.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * requireSupportedPlatform("linux-x86_64");
 * assertThrows(() => requireSupportedPlatform("windows-x86_64"), Error, "WSL 2");
 * assertThrows(() => requireSupportedPlatform("darwin-x86_64"), Error, "is not supported");
 * ```
 */
export function requireSupportedPlatform(platform: Platform = thisPlatform): void {
  if (TENSORFLOW_WHEELS[platform]) return;
  throw new SetupFailure(
    `The platform ${platform} is not supported, since there is no TensorFlow wheel for it whose hash ` +
      "could be pinned: use Linux on x86-64 or ARM, or macOS on ARM; on Windows, use WSL 2.",
  );
}
