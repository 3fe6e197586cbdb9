// Owns a log file that never grows without bound: at its limit it becomes `.1`, what was `.1` becomes `.2`, and so on.
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export type LogFile = {
  /** Appends one line. Never throws: a full disk must not stop the work that is being logged. */
  line(text: string): void;
  /** Why the last line could not be written, `null` when it could. */
  trouble(): string | null;
};

/** Opens (and makes) a log file. At most `keep + 1` files of about `limitBytes` each remain. */
export function openLogFile(path: string, { limitBytes = 1_000_000, keep = 2 } = {}): LogFile {
  let sizeBytes: number | null = null;
  let trouble: string | null = null;

  const open = (): number => {
    mkdirSync(dirname(path), { recursive: true });
    return existsSync(path) ? statSync(path).size : 0;
  };
  const append = (text: string): void => {
    sizeBytes ??= open();
    if (sizeBytes > limitBytes) {
      rotate(path, keep);
      sizeBytes = 0;
    }
    appendFileSync(path, text);
    sizeBytes += Buffer.byteLength(text);
  };
  return {
    line(text) {
      try {
        append(`${new Date().toISOString()} ${text}\n`);
        trouble = null;
      } catch (error) {
        trouble = String(error);
        sizeBytes = null;
      }
    },
    trouble: () => trouble,
  };
}

function rotate(path: string, keep: number): void {
  for (let n = keep; n > 0; n -= 1) {
    const from = n === 1 ? path : `${path}.${n - 1}`;
    if (existsSync(from)) renameSync(from, `${path}.${n}`);
  }
}
