/** Filled plotting symbols as SVG path data. One path holds all points of a series, which keeps a
 * chart of thousands of points small. */

export type SymbolName = keyof typeof OUTLINES | "circle";

// Unit outlines, scaled so that all symbols look about equally large.
const OUTLINES = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  triangleUp: [[0, -1.2], [1.15, 0.85], [-1.15, 0.85]],
  triangleDown: [[0, 1.2], [1.15, -0.85], [-1.15, -0.85]],
  triangleLeft: [[-1.2, 0], [0.85, 1.15], [0.85, -1.15]],
  triangleRight: [[1.2, 0], [-0.85, 1.15], [-0.85, -1.15]],
  diamond: [[0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]],
  plus: crossOutline(0),
  cross: crossOutline(Math.PI / 4),
  star: starOutline(),
} satisfies Record<string, [number, number][]>;

function crossOutline(angle: number): [number, number][] {
  const long = 1.25;
  const wide = 0.42;
  const corners: [number, number][] = [];
  for (let arm = 0; arm < 4; arm++) {
    const turn = angle + arm * Math.PI / 2;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    for (const [x, y] of [[wide, -wide], [long, -wide], [long, wide]] as const) {
      corners.push([x * cos - y * sin, x * sin + y * cos]);
    }
  }
  return corners;
}

function starOutline(): [number, number][] {
  return Array.from({ length: 10 }, (_, corner) => {
    const radius = corner % 2 === 0 ? 1.4 : 0.58;
    const angle = corner * Math.PI / 5 - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

const short = (value: number) => String(Math.round(value * 10) / 10);

/** Path data of one symbol, about 2 x `radius` wide, centred at (x, y) in pixels. */
export function symbolPath(name: SymbolName, x: number, y: number, radius: number): string {
  if (name === "circle") {
    const r = short(radius);
    const d = short(2 * radius);
    return `M${short(x - radius)},${short(y)}a${r},${r} 0 1,0 ${d},0a${r},${r} 0 1,0 -${d},0`;
  }
  const points = OUTLINES[name].map(([dx, dy]) =>
    `${short(x + dx * radius)},${short(y + dy * radius)}`
  );
  return `M${points.join("L")}Z`;
}
