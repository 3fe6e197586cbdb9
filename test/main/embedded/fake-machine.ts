// A machine made of shell scripts: programs that stand where `temporal`, `go` and the download program would, in a folder of their own.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testFolder } from './conditions.ts';

export type FakeMachine = {
  folder: string;
  /** The only folder on its PATH. */
  bin: string;
  /** PATH and COUNTERSIGN_CACHE, nothing else. */
  env: NodeJS.ProcessEnv;
  program(path: string, script: string): string;
  /** A `temporal` that only tells its version. */
  temporal(path: string, version: string): string;
  /** A `go` whose `install` does what the script says; `made` is a script line that makes a `temporal` in GOBIN. */
  go(options: { version: string; toolchain?: string; install?: string }): string;
  /** A Node program for `fetchProgram`. */
  fetchProgram(script: string): string;
};

const temporalScript = (version: string): string => `echo "temporal version ${version} (Server 1.29.1, UI 2.42.1)"`;

/** What a successful `go install` leaves behind. */
export const goMakesTemporal = `printf '#!/bin/sh\\n%s\\n' '${temporalScript('0.0.0-DEV')}' > "$GOBIN/temporal"; /bin/chmod +x "$GOBIN/temporal"`;

export function fakeMachine(): FakeMachine {
  const folder = testFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = (path: string, script: string): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  return {
    folder,
    bin,
    env: { PATH: bin, COUNTERSIGN_CACHE: join(folder, 'cache') },
    program,
    temporal: (path, version) => program(path, temporalScript(version)),
    go({ version, toolchain = 'auto', install = 'exit 1' }) {
      const told = `{"GOTOOLCHAIN": "${toolchain}", "GOVERSION": "go${version}"}`;
      return program(join(bin, 'go'), `if [ "$1" = env ]; then echo '${told}'; exit 0; fi\n${install}`);
    },
    fetchProgram(script) {
      const path = join(folder, 'fetch.mjs');
      writeFileSync(path, script);
      return path;
    },
  };
}
