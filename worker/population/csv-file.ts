// Owns what a delimited file has to be before it is a population: encoding, delimiter, header, even rows.
// Reading itself is DuckDB's; this decides the dialect and turns what is wrong into sentences.
import { open } from 'node:fs/promises';
import { literal } from './duckdb.ts';
import type { Duck } from './duckdb.ts';

/** Something wrong with the file that its owner has to mend: the message says what, where and what to do. */
export class UnfitFile extends Error {
  override name = 'UnfitFile';
}

/** How a file is to be read. */
export interface Dialect {
  delimiter: string;
  encoding: 'UTF-8';
  columns: string[];
}

/** The column of the stored population that counts data rows from 1. */
export const rowColumn = 'r';

/**
 * The stored name of the file's column at an index. Names of the file stay out of SQL: they may differ in case alone
 * (the same to DuckDB), or be `__proto__`.
 */
export const columnAt = (index: number): string => `c${index}`;

const delimiters = [',', ';', '\t', '|'];
const headBytes = 1024 * 1024;
/** A row travels to laptops as one item of a page, whose payload Temporal limits to 2 MB. */
const mostLineBytes = 1024 * 1024;
/** DuckDB holds some thousand values of each column at once: from about 1,000 columns on even the header takes more than it may have. */
const mostColumns = 500;

/** Finds out how a file has to be read. @throws UnfitFile when it cannot be a population. */
export async function detectDialect(duck: Duck, file: string): Promise<Dialect> {
  const header = firstLine(await readHead(file));
  const delimiter = mostFrequent(header);
  const width = countOutsideQuotes(header, delimiter) + 1;
  if (width > mostColumns) throw new UnfitFile(`the header has ${width} columns; at most ${mostColumns} can be read`);
  const names = Array.from({ length: width }, (_, index) => columnAt(index));
  const [row] = await duck.rows(
    `SELECT * FROM ${readCsv(file, delimiter, width, 'header=false, ignore_errors=true')} LIMIT 1`,
  );
  if (!row) throw new UnfitFile('the first line cannot be read as a header: check its quotes');
  const columns = names.map((name, index) => headerName(row[name], index));
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    throw new UnfitFile(`the header names the column "${twice}" twice: give each column its own name`);
  return { delimiter, encoding: 'UTF-8', columns };
}

function headerName(value: unknown, index: number): string {
  const name = typeof value === 'string' ? value.trim() : '';
  if (name === '') throw new UnfitFile(`column ${index + 1} has no name in the header: give it one`);
  if (name.length > 300)
    throw new UnfitFile(`the name of column ${index + 1} has ${name.length} characters; at most 300 can be read`);
  return name;
}

async function readHead(file: string): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  const head = buffer.subarray(0, bytesRead);
  if (bytesRead === 0) throw new UnfitFile('the file is empty');
  if (head[0] === 0xff && head[1] === 0xfe) throw new UnfitFile('the file is UTF-16: save it as CSV in UTF-8');
  if (head[0] === 0xfe && head[1] === 0xff) throw new UnfitFile('the file is UTF-16: save it as CSV in UTF-8');
  if (head.includes(0))
    throw new UnfitFile('the file is not text: a population is a CSV file in UTF-8, with a header line');
  return head;
}

/** The header's text up to the first line end outside quotes, without a byte order mark. */
function firstLine(head: Buffer): string {
  const text = new TextDecoder('utf-8').decode(head);
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (!quoted && (text[at] === '\n' || text[at] === '\r')) return nonBlank(text.slice(0, at));
  }
  return nonBlank(text);
}

function nonBlank(line: string): string {
  if (line.trim() === '') throw new UnfitFile('the first line is blank: it has to name the columns');
  return line;
}

function countOutsideQuotes(line: string, wanted: string): number {
  let quoted = false;
  let count = 0;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === wanted) count += 1;
  }
  return count;
}

function mostFrequent(header: string): string {
  const counted = delimiters.map((delimiter) => ({ delimiter, count: countOutsideQuotes(header, delimiter) }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/** DuckDB's reader for a dialect: every value a text, nothing guessed. */
function readCsv(file: string, delimiter: string, width: number, options: string): string {
  const columns = Array.from({ length: width }, (_, index) => `${columnAt(index)}: 'VARCHAR'`).join(', ');
  return `read_csv(${literal(file)}, auto_detect=false, delim=${literal(delimiter)}, quote='"', escape='"',
    nullstr='', max_line_size=${mostLineBytes}, buffer_size=8388608, columns={${columns}}, ${options})`;
}

/** A group of rows is held in memory until it is written: the wider the rows, the fewer of them. */
const rowGroupRows = (width: number): number => Math.max(2_048, Math.min(20_480, Math.floor(400_000 / width)));

/**
 * Writes the rows of a file as Parquet: all columns as texts, and `rowColumn` counting data rows from 1.
 * @returns the number of rows. @throws UnfitFile naming the first ten lines that do not fit.
 */
export async function writeParquet(duck: Duck, file: string, dialect: Dialect, target: string): Promise<number> {
  const source = readCsv(
    file,
    dialect.delimiter,
    dialect.columns.length,
    'header=true, ignore_errors=true, store_rejects=true, rejects_limit=0',
  );
  await duck.run(
    `COPY (SELECT row_number() OVER () AS ${rowColumn}, * FROM ${source})
     TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows(dialect.columns.length)})`,
  );
  await refuseRejects(duck, dialect);
  const [counted] = await duck.rows(`SELECT count(*)::INTEGER AS n FROM ${literal(target)}`);
  const rowCount = Number(counted?.['n'] ?? 0);
  if (rowCount === 0) throw new UnfitFile('the file has a header but no rows');
  return rowCount;
}

async function refuseRejects(duck: Duck, dialect: Dialect): Promise<void> {
  const rejects = await duck.rows(
    `SELECT line::VARCHAR AS line, error_type::VARCHAR AS type, error_message AS message, count(*) OVER () AS total
     FROM reject_errors ORDER BY line::UBIGINT LIMIT 10`,
  );
  if (rejects.length === 0) return;
  const named = rejects.map((row) => `line ${String(row['line'])}: ${sentence(row, dialect)}`).join('; ');
  const total = Number(rejects[0]?.['total']);
  const more = total > rejects.length ? ` — the first ten of ${total.toLocaleString('en')} lines` : '';
  throw new UnfitFile(`the file cannot be read as it is: ${named}${more}. Mend these lines and import the file again`);
}

function sentence(reject: Record<string, unknown>, dialect: Dialect): string {
  const found = /Found: (\d+)/u.exec(String(reject['message']))?.[1];
  switch (reject['type']) {
    case 'MISSING COLUMNS':
    case 'TOO MANY COLUMNS':
      return `${found ?? 'other than'} fields instead of ${dialect.columns.length}`;
    case 'UNQUOTED VALUE':
      return 'a quote is not closed';
    case 'INVALID ENCODING':
      return 'not UTF-8: save the file in UTF-8';
    case 'LINE SIZE OVER MAXIMUM':
      return 'longer than 1 MB';
    default:
      return String(reject['message']);
  }
}
