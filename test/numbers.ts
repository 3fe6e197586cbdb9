// Numbers that come from a seed, so that a failing run can be had again.

/** Answers with a whole number from 0 to below its argument. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}
