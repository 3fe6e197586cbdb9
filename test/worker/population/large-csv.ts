// Owns making large CSV files quickly and without holding them: rows with a unique key and columns of many kinds. Knows no reader.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

export interface LargeFile {
  rows: number;
  bytes: number;
  /** SHA-256, hex. */
  hash: string;
}

const header = 'ID,ACCOUNT,LIMIT_BAL,AGE,BRANCH,OPENED_ON,STATUS,BILL_AMT,PAY_AMT,REMARK\n';
const rowsPerPiece = 20_000;

/** Numbers that look random and are the same each time. */
function mixed(row: number, salt: number): number {
  return Math.imul(row + 1, 2_654_435_761 ^ salt) >>> 0;
}

function line(row: number): string {
  const [a, b, c] = [mixed(row, 1), mixed(row, 2), mixed(row, 3)];
  const day = new Date(1_262_304_000_000 + (a % 5_000) * 86_400_000).toISOString().slice(0, 10);
  return `${row + 1},ACC-${a.toString(36)}-${row},${10_000 + (b % 490_000)},${21 + (c % 54)},branch ${b % 120},${day},${
    c % 9 === 0 ? 'in collection' : 'open'
  },${(b % 90_000_000) / 100},${(c % 9_000_000) / 100},"statement ${c % 1_000_000} sent, no answer"\n`;
}

/** Writes at least so many bytes. */
export async function writeLargeCsv(file: string, bytesAtLeast: number): Promise<LargeFile> {
  const out = createWriteStream(file, { highWaterMark: 4 * 1024 * 1024 });
  const hash = createHash('sha256');
  const put = async (text: string): Promise<number> => {
    const piece = Buffer.from(text);
    hash.update(piece);
    if (!out.write(piece)) await once(out, 'drain');
    return piece.length;
  };
  let rows = 0;
  let bytes = await put(header);
  while (bytes < bytesAtLeast) {
    let piece = '';
    for (let index = 0; index < rowsPerPiece; index += 1) piece += line(rows + index);
    rows += rowsPerPiece;
    bytes += await put(piece);
  }
  out.end();
  await finished(out);
  return { rows, bytes, hash: hash.digest('hex') };
}
