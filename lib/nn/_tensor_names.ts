/** Names of a foreign file's tensors as torchvision has them. */

/** What wrappers put before every name: DataParallel, Lightning, torch.compile and own modules. */
const WRAPPERS = [
  "module.",
  "model.",
  "_orig_mod.",
  "net.",
  "network.",
  "backbone.",
  "encoder.",
  "resnet.",
  "ema_model.",
  "ema.",
];

/** Any other prefix counts only where it makes at least this share of a file's names known. */
const LEAST_SHARE = 1 / 3;

/** Names of kuangliu/pytorch-cifar, and torchvision's for the same layers. */
const RENAMED: readonly (readonly [pattern: RegExp, torchvision: string, theirs: string])[] = [
  [/(?<=^|\.)shortcut\./, "downsample.", "shortcut"],
  [/^linear\./, "fc.", "linear"],
];

/** Names that were understood, and what was changed to understand them. */
export interface UnderstoodNames {
  /** From each name in the file to the model's, in the file's order. */
  readonly names: ReadonlyMap<string, string>;
  /** Sentences on what was read as what; none for a file with torchvision's names. */
  readonly notes: readonly string[];
  /** Prefixes behind which the file holds the same names; at most one where nothing is doubtful. */
  readonly rivals: readonly string[];
}

/** Every part before a dot: "", "module.", "module.model.". */
function prefixesOf(name: string): string[] {
  const found = [""];
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    found.push(name.slice(0, dot + 1));
  }
  return found;
}

/** Whether a prefix is a stack of wrappers. */
function isWrapper(prefix: string): boolean {
  let start = 0;
  while (start < prefix.length) {
    const next = WRAPPERS.find((wrapper) => prefix.startsWith(wrapper, start));
    if (next === undefined) return false;
    start += next.length;
  }
  return true;
}

function renamed(name: string): string {
  return RENAMED.reduce((text, [pattern, by]) => text.replace(pattern, by), name);
}

/**
 * Finds the wrappers' prefix and the renamed layers that make most of a file's names known.
 *
 * @param names The file's, as they stand.
 * @param known Whether the model has a tensor of this name. A name that it has is never changed
 * where the file as it is fits best.
 */
export function understandNames(
  names: readonly string[],
  known: (name: string) => boolean,
): UnderstoodNames {
  const matches = new Map<string, number>([["", 0]]);
  for (const name of names) {
    for (const prefix of prefixesOf(name)) {
      const rest = name.slice(prefix.length);
      const hit = known(rest) || known(renamed(rest)) ? 1 : 0;
      matches.set(prefix, (matches.get(prefix) ?? 0) + hit);
    }
  }
  for (const [candidate, count] of matches) {
    if (!isWrapper(candidate) && count < LEAST_SHARE * names.length) matches.delete(candidate);
  }
  let prefix = "";
  for (const [candidate, count] of matches) if (count > matches.get(prefix)!) prefix = candidate;
  const isRival = (one: string) =>
    one !== "" && matches.get(one)! >= LEAST_SHARE * matches.get(prefix)! &&
    (one === prefix || !one.startsWith(prefix) && !prefix.startsWith(one));
  const rivals = prefix === "" ? [] : [...matches.keys()].filter(isRival);
  const all = new Set(names);
  const used = new Set<string>();
  const understood = new Map(names.map((name) => {
    if (!name.startsWith(prefix)) return [name, name];
    const rest = name.slice(prefix.length);
    const other = renamed(rest);
    if (other === rest || known(rest) || !known(other) || all.has(prefix + other)) {
      return [name, rest];
    }
    for (const [pattern, , theirs] of RENAMED) if (pattern.test(rest)) used.add(theirs);
    return [name, other];
  }));
  const notes: string[] = [];
  if (prefix !== "") notes.push(`its names are read without the prefix "${prefix}"`);
  for (const [, by, theirs] of RENAMED) {
    if (used.has(theirs)) notes.push(`its "${theirs}." is read as "${by}"`);
  }
  return { names: understood, notes, rivals };
}
