/** What a file is that was expected to be safetensors, and how its weights become safetensors. */

import { Buffer } from "node:buffer";

/** Bytes at each end of a file that tell its kind. */
const LOOKED_AT = 2 ** 16;

const PYTORCH = "convert it with PyTorch: import torch, safetensors.torch; " +
  'state = torch.load("FILE", map_location="cpu", weights_only=True); ' +
  'safetensors.torch.save_file(state.get("state_dict", state.get("net", state)), "model.safetensors")';
const SAVE = 'then safetensors.torch.save_file(model.state_dict(), "model.safetensors")';
const NUMPY = "convert it with Python: import numpy, safetensors.numpy; " +
  'safetensors.numpy.save_file(dict(numpy.load("FILE")), "model.safetensors")';
const REBUILD = `load its weights into a PyTorch ResNet-18, ${SAVE}`;

interface Kind {
  readonly is: string;
  readonly remedy: string;
}

const kinds = {
  empty: { is: "it is empty, too short for a header", remedy: "download or copy it again" },
  zipPickle: { is: "it is a PyTorch file (.pt, .pth: a zip with a pickle)", remedy: PYTORCH },
  torchPickle: { is: "it is a PyTorch file of the old form (a pickle)", remedy: PYTORCH },
  pickle: { is: "it is a Python pickle", remedy: PYTORCH },
  torchScript: {
    is: "it is a TorchScript file (a zip with code)",
    remedy: `open it with torch.jit.load, ${SAVE}`,
  },
  npz: { is: "it is a NumPy archive (.npz)", remedy: NUMPY },
  npy: { is: "it is a NumPy array (.npy)", remedy: "name a file with all weights" },
  keras: { is: "it is a Keras file (.keras)", remedy: `open it with Keras and ${REBUILD}` },
  hdf5: { is: "it is an HDF5 file (.h5, Keras)", remedy: `open it with h5py and ${REBUILD}` },
  onnx: {
    is: "it is an ONNX file",
    remedy: `read its initializers with onnx.numpy_helper and ${REBUILD}`,
  },
  tflite: { is: "it is a TensorFlow Lite file", remedy: REBUILD },
  gguf: { is: "it is a GGUF file (a quantised language model)", remedy: "name a ResNet-18" },
  matlab: { is: "it is a MATLAB file (.mat)", remedy: "name a file with weights" },
  lfs: {
    is: "it is a Git LFS pointer to a file",
    remedy: "fetch the file with git lfs pull, or download it from its page",
  },
  html: {
    is: "it is a web page",
    remedy: "download it again from the address of the raw file",
  },
  gzip: { is: "it is compressed with gzip", remedy: "unpack it with gunzip" },
  xz: { is: "it is compressed with xz", remedy: "unpack it with unxz" },
  bzip2: { is: "it is compressed with bzip2", remedy: "unpack it with bunzip2" },
  zstd: { is: "it is compressed with Zstandard", remedy: "unpack it with unzstd" },
  sevenZip: { is: "it is a 7-Zip archive", remedy: "unpack it with 7z" },
  zip: { is: "it is a zip archive", remedy: "unpack it and name the weights in it" },
  tar: { is: "it is a tar archive", remedy: "unpack it with tar and name the weights in it" },
  picture: { is: "it is a picture", remedy: "name a file with weights" },
  pdf: { is: "it is a PDF", remedy: "name a file with weights" },
  torchTar: { is: "it is a PyTorch file of the oldest form (a tar archive)", remedy: PYTORCH },
  text: {
    is: "it is text without a header",
    remedy: "download it again from the address of the raw file",
  },
  unknown: {
    is: "it is of an unknown format without a header",
    remedy: "name a safetensors file, or download or copy it again",
  },
  json: { is: "it is JSON text", remedy: "name the file with the weights that belongs to it" },
} as const satisfies Record<string, Kind>;

/** Bytes, written as Latin-1 text, that files of a kind begin with. */
const beginnings: readonly (readonly [bytes: string, kind: Kind])[] = [
  ["version https://git-lfs", kinds.lfs],
  ["\x93NUMPY", kinds.npy],
  ["\x89HDF\r\n\x1a\n", kinds.hdf5],
  ["GGUF", kinds.gguf],
  ["MATLAB 5.0 MAT-file", kinds.matlab],
  ["\x1f\x8b", kinds.gzip],
  ["\xfd7zXZ\0", kinds.xz],
  ["BZh", kinds.bzip2],
  ["\x28\xb5\x2f\xfd", kinds.zstd],
  ["7z\xbc\xaf\x27\x1c", kinds.sevenZip],
  ["\x89PNG", kinds.picture],
  ["\xff\xd8\xff", kinds.picture],
  ["GIF8", kinds.picture],
  ["%PDF-", kinds.pdf],
];

/** A length below 4 GB and the brace of a header: safetensors, however damaged. */
const SAFETENSORS = "\0\0\0\0{";
/** Where a header's brace stands. */
const BRACE = 8;
/** The number that torch.save wrote first, before version 1.6, as a pickle holds it. */
const TORCH_MAGIC = "\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19";
const WEB_PAGE = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|\?xml)/i;
/** A dictionary or list as protocols 0 and 1 begin it, or a class by module and name. */
const OLD_PICKLE = /^(?:\([dl]p\d+\n|[}\]]q\0|c[\w.]+\n[\w.]+\n)/;
/** The members of the tar archive that torch.save wrote before version 0.1.10. */
const TORCH_TAR = ["sys_info", "pickle", "storages", "tensors"] as const;
/** Letters, signs, blanks and line ends, and all bytes of UTF-8's longer forms. */
const TEXT = /^[\t\n\r\x20-\x7e\x80-\xff]+$/;
/** What may follow the version in an ONNX file: producer's name and further fields, by their tags. */
const ONNX_FIELDS: readonly number[] = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42];

/** Protocol 2 or later, which a mark begins. */
function isPickle([mark, protocol]: Uint8Array): boolean {
  return mark === 0x80 && protocol! >= 2 && protocol! <= 5;
}

/** The field ir_version (tag 8), then another one: protobuf has no mark of its own. */
function isOnnx([tag, version, next]: Uint8Array): boolean {
  return tag === 8 && version! >= 1 && version! <= 20 && ONNX_FIELDS.includes(next!);
}

/** One character a byte; TextDecoder's "latin1" is windows-1252. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The kind of a zip, by the names in its first entries and in its directory at the end. */
function kindOfZip(head: string, tail: string): Kind {
  const has = (name: string) => head.includes(name) || tail.includes(name);
  if (has("constants.pkl") && has("/code/")) return kinds.torchScript;
  if (has("data.pkl")) return kinds.zipPickle;
  if (has(".npy")) return kinds.npz;
  return has("model.weights.h5") || has("config.json") ? kinds.keras : kinds.zip;
}

/** Reads the members' names, as far as they follow each other: 512 bytes each, then the content. */
function isTorchTar(bytes: Uint8Array): boolean {
  const names = new Set<string>();
  for (let at = 0; at + 512 <= bytes.length;) {
    const header = latin1(bytes.subarray(at, at + 512));
    const size = parseInt(header.slice(124, 136), 8);
    if (!(size >= 0)) break;
    names.add(header.slice(0, 100).replace(/\0.*$/s, ""));
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return TORCH_TAR.every((name) => names.has(name));
}

function kindOf(bytes: Uint8Array): Kind | undefined {
  if (bytes.length === 0) return kinds.empty;
  const head = latin1(bytes.subarray(0, LOOKED_AT));
  if (head.startsWith(SAFETENSORS, 4)) return undefined;
  const known = beginnings.find(([start]) => head.startsWith(start))?.[1];
  if (known !== undefined) return known;
  if (head.startsWith("PK\x03\x04") || head.startsWith("PK\x05\x06")) {
    return kindOfZip(head, latin1(bytes.subarray(-LOOKED_AT)));
  }
  if (isPickle(bytes)) return head.includes(TORCH_MAGIC) ? kinds.torchPickle : kinds.pickle;
  if (WEB_PAGE.test(head)) return kinds.html;
  if (head.slice(4, 8) === "TFL3") return kinds.tflite;
  if (OLD_PICKLE.test(head)) return kinds.pickle;
  if (head.slice(257, 262) === "ustar") return isTorchTar(bytes) ? kinds.torchTar : kinds.tar;
  if (isOnnx(bytes)) return kinds.onnx;
  if (/^\s*[{[]/.test(head)) return kinds.json;
  if (TEXT.test(head)) return kinds.text;
  return bytes.length > BRACE && bytes[BRACE] !== 0x7b ? kinds.unknown : undefined;
}

/**
 * Says what a file is that is not safetensors.
 *
 * @param bytes All of the file.
 * @param path Its name, for the line that converts it.
 * @returns What it is and how to convert it, without a full stop; `undefined` where nothing tells.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const zipped = Uint8Array.of(0x1f, 0x8b, 8, 0);
 * const says = "it is compressed with gzip, not safetensors; unpack it with gunzip";
 * assertEquals(foreignFile(zipped, "model.pt.gz"), says);
 * ```
 */
export function foreignFile(bytes: Uint8Array, path: string): string | undefined {
  const kind = kindOf(bytes);
  return kind && `${kind.is}, not safetensors; ${kind.remedy.replace("FILE", () => path)}`;
}
