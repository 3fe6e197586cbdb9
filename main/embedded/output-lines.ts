// Owns cutting what a child prints into lines. Knows nothing of what the lines mean.
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Calls `onLine` for each line of a child's stdout or stderr; a last line without line end counts too. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}

/** The last few lines of an output, to say why something failed. */
export function lastLines(limit: number): { add(line: string): void; text(): string } {
  const lines: string[] = [];
  return {
    add(line) {
      if (line.trim() === '') return;
      lines.push(line.length > 500 ? `${line.slice(0, 500)}…` : line);
      if (lines.length > limit) lines.shift();
    },
    text: () => lines.join('\n'),
  };
}
