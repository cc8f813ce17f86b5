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

/**
 * The styles of one chart's attacks, no two alike: each attack has its own, the same on every chart;
 * an unknown one takes that at its position, and one whose style is taken the next that is free.
 */
export function attackStyles(attacks: readonly string[]): ReadonlyMap<string, SeriesStyle> {
  const styles = new Map<string, SeriesStyle>();
  const taken = new Set<number>();
  const take = (attack: string, wanted: number) => {
    let place = wanted;
    while (taken.has(place)) place++;
    taken.add(place);
    styles.set(attack, seriesStyle(place));
  };
  for (const attack of attacks) {
    const own = looks.get(attack)?.style;
    if (own !== undefined) take(attack, own);
  }
  attacks.forEach((attack, position) => {
    if (!looks.has(attack)) take(attack, position);
  });
  return styles;
}
