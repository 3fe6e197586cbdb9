// Owns what Electron's main process takes from its command line. Pure. Electron's own switches may stand between.

export interface ElectronArguments {
  data: string | undefined;
  profile: string | null;
}

/** Reads `--data=DIR` and `--profile=NAME`; the last one counts, everything else is somebody else's. */
export function readElectronArguments(argv: readonly string[]): ElectronArguments {
  const valueOf = (name: string): string | undefined =>
    argv.findLast((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) || undefined;
  return { data: valueOf('data'), profile: valueOf('profile') ?? null };
}
