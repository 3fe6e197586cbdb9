// Owns the refusal of a Node that is too old, before a native module ends the process with a segmentation fault. Imported first; knows nothing else.

/** What to tell when this Node cannot run the product, null when it can. Pure. */
export function whyNodeIsTooOld(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return null;
  return `Countersign needs Node 22.18 or later and got ${version}. Use npm start, npm run or npx in its folder: they take the pinned Node 24.`;
}

const refusal = whyNodeIsTooOld(process.versions.node);
if (refusal) {
  process.stderr.write(`${refusal}\n`);
  process.exit(1);
}
