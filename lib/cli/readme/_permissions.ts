/** The table in docs/security.md of what each task may do, from deno.json. */
import { z } from "zod";
import { markdownTable } from "../../experiments/views/table.ts";

const list = z.array(z.string());
const allowed = z.union([z.boolean(), list]).optional();
const permissionSet = z.object({
  net: allowed,
  run: allowed,
  ffi: allowed,
  write: z.union([allowed, z.object({ allow: list, deny: list })]).optional(),
});
const configSchema = z.object({
  tasks: z.record(z.string(), z.object({ command: z.string() })),
  permissions: z.record(z.string(), permissionSet),
});

type PermissionSet = z.infer<typeof permissionSet>;

const code = (items: readonly string[]) => items.map((item) => `\`${item}\``).join(", ");

function shown(value: boolean | readonly string[] | undefined, everything: string): string {
  if (value === undefined || value === false) return "no";
  return value === true ? everything : code(value);
}

function writes({ write }: PermissionSet): string {
  if (typeof write !== "object" || Array.isArray(write)) return shown(write, "anywhere");
  return `${code(write.allow)}, but not ${code(write.deny)}`;
}

/** The set that a task's last command runs with; undefined: everything. */
function setOf(command: string): string | undefined {
  return /-P=(\w+)[^&]*$/.exec(command)?.[1];
}

/**
 * The table, one row for each permission set.
 *
 * @param config The content of deno.json.
 * @throws {Error} If a task names a set that deno.json lacks.
 */
export function permissionsBlock(config: unknown): string {
  const { tasks, permissions } = configSchema.parse(config);
  const bySet = new Map<string, string[]>();
  for (const [task, { command }] of Object.entries(tasks)) {
    if (command.startsWith("deno task ")) continue; // runs other tasks
    const set = setOf(command) ?? "";
    if (set !== "" && permissions[set] === undefined) {
      throw new Error(`Expected deno.json to define the permissions ${set} of the task ${task}`);
    }
    bySet.set(set, [...bySet.get(set) ?? [], task]);
  }
  const rows = [...bySet].map(([set, names]) => {
    if (set === "") return [code(names), "yes", "anywhere", "any"];
    const permission = permissions[set]!;
    return [
      code(names),
      shown(permission.net, "yes"),
      writes(permission),
      shown(permission.run, "any"),
    ];
  });
  return markdownTable(["tasks", "network", "may write", "may start"], rows);
}
