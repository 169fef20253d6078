/** Which upright track every bus takes in the gap between two columns, so that trunks do not run over each other. */

/** What meets in a gap: the heights at which a bus reaches it from either side. */
export interface Trunk { left: number[]; right: number[]; track: number }

/** Trunks nearer than this in height need tracks of their own. */
const clearance = 6;

/** Orders the trunks of one gap for few crossings, sets their tracks, and says how many there are. */
export function assignTracks(trunks: Trunk[]): number {
  const bent = trunks.filter((trunk) => spanOf(trunk).high - spanOf(trunk).low > 0.5);
  sortByCrossings(bent);
  let count = 0;
  for (const [index, trunk] of bent.entries()) {
    trunk.track = 0;
    for (const earlier of bent.slice(0, index)) {
      if (meet(earlier, trunk)) trunk.track = Math.max(trunk.track, earlier.track + 1);
    }
    count = Math.max(count, trunk.track + 1);
  }
  return count;
}

function spanOf(trunk: Trunk): { low: number; high: number } {
  const all = [...trunk.left, ...trunk.right];
  return { low: Math.min(...all), high: Math.max(...all) };
}

function meet(a: Trunk, b: Trunk): boolean {
  const [one, other] = [spanOf(a), spanOf(b)];
  return one.low < other.high + clearance && other.low < one.high + clearance;
}

/** Swaps neighbours while that saves crossings; few passes are enough, for gaps hold few trunks. */
function sortByCrossings(trunks: Trunk[]): void {
  trunks.sort((a, b) => spanOf(a).low - spanOf(b).low);
  for (let pass = 0, swapped = true; swapped && pass < trunks.length; pass++) {
    swapped = false;
    for (let index = 0; index + 1 < trunks.length; index++) {
      const [a, b] = [trunks[index], trunks[index + 1]];
      if (!a || !b || crossings(b, a) >= crossings(a, b)) continue;
      [trunks[index], trunks[index + 1]] = [b, a];
      swapped = true;
    }
  }
}

/** What it costs to have `first` left of `second`: crossings, and ends on one height, which would look joined. */
function crossings(first: Trunk, second: Trunk): number {
  const [one, other] = [spanOf(first), spanOf(second)];
  const inside = (span: { low: number; high: number }, ys: number[]) => ys.filter((y) => y > span.low && y < span.high).length;
  let cost = inside(other, first.right) + inside(one, second.left);
  for (const y of first.right) for (const z of second.left) if (Math.abs(y - z) < 3) cost += 8;
  return cost;
}
