import { type SeriesStyle, seriesStyle } from "./_palette.ts";

// Fixed styles, so that an attack looks the same on every chart.
const ATTACKS: Readonly<Record<string, { title: string; style: number }>> = {
  clean: { title: "clean", style: 5 },
  noise: { title: "noise", style: 4 },
  fgsm: { title: "FGSM", style: 0 },
  pgd: { title: "PGD", style: 1 },
  apgd: { title: "APGD", style: 2 },
  "apgd-ce": { title: "APGD-CE", style: 2 },
  "apgd-dlr": { title: "APGD-DLR", style: 3 },
  square: { title: "Square", style: 6 },
  worst: { title: "worst case", style: 5 },
};

/** An attack's name as papers write it; unknown names stay. */
export function attackTitle(attack: string): string {
  return ATTACKS[attack]?.title ?? attack;
}

/** An attack's style; unknown names take the style at their position. */
export function attackStyle(attack: string, position: number): SeriesStyle {
  return seriesStyle(ATTACKS[attack]?.style ?? position);
}
