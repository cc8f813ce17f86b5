import { attackNames, attackRow } from "../attacks/registry.ts";
import { type SeriesStyle, seriesStyle } from "./_palette.ts";

interface AttackLook {
  readonly title: string;
  readonly style: number;
}

const looks: ReadonlyMap<string, AttackLook> = new Map<string, AttackLook>([
  ...attackNames.map((name) => [name, attackRow(name)] as const),
  ["worst", { title: "worst case", style: 5 }],
]);

/** An attack's name as papers write it; unknown names stay. */
export function attackTitle(attack: string): string {
  return looks.get(attack)?.title ?? attack;
}

/** An attack's style, the same on every chart; unknown names take the style at their position. */
export function attackStyle(attack: string, position: number): SeriesStyle {
  return seriesStyle(looks.get(attack)?.style ?? position);
}
