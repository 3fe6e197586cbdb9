// Who may import what (design: "Floors"), read off import statements: TypeScript 7 has no compiler API to ask.
// It knows folders and package names, not what the modules do.
import { posix } from 'node:path';

/** The folders that hold product code. */
export const floors = ['domain', 'preload', 'main', 'renderer', 'worker'] as const;
export type Floor = (typeof floors)[number];

// Statements stand at the start of a line (the formatter sees to it), so a comment or a string is rarely taken for one;
// where it is, the check is too strict, never too lax.
const statement = /^\s*(?:import|export)\b(?:[^'"();]*?\bfrom\s*|\s*)(['"])([^'"\n]+)\1/gm;
const call = /\b(?:import|require)\s*\(\s*(['"`])([^'"`\n]+)\1/g;

/** Every module specifier that a source text imports, re-exports or requires, types included. */
export function specifiersOf(source: string): string[] {
  return [statement, call].flatMap((pattern) => [...source.matchAll(pattern)].flatMap((match) => match[2] ?? []));
}

/** Which files are a library's home, and how that is said. */
interface Home {
  library: RegExp;
  file: RegExp;
  said: string;
}

const homes: Home[] = [
  {
    library: /^electron(\/|$)/,
    file: /^(main\/electron[^/]*\.ts$|preload\/(?!contract))/,
    said: 'main/electron*.ts and preload/',
  },
  { library: /^better-sqlite3(\/|$)/, file: /^(main\/core|worker\/store)\//, said: 'main/core/ and worker/store/' },
  { library: /^@temporalio\/client(\/|$)/, file: /^main\/core\/sync\/gateway\.ts$/, said: 'main/core/sync/gateway.ts' },
  { library: /^@temporalio\/workflow(\/|$)/, file: /^worker\/workflows\//, said: 'worker/workflows/' },
  { library: /^@temporalio\/(worker|activity|testing)(\/|$)/, file: /^worker\//, said: 'worker/' },
  { library: /^@duckdb\//, file: /^worker\/population\//, said: 'worker/population/' },
  { library: /^nodemailer(\/|$)/, file: /^worker\/notify\//, said: 'worker/notify/' },
];

/** Libraries of the folders that may have few; a folder that is not here may use what it needs. */
const librariesOf: { files: RegExp; libraries: RegExp; said: string }[] = [
  { files: /^domain\//, libraries: /^(zod|@noble\/hashes)(\/|$)/, said: 'zod and @noble/hashes' },
  { files: /^preload\/contract/, libraries: /^zod(\/|$)/, said: 'zod' },
  { files: /^renderer\//, libraries: /^(?!node:)/, said: 'what runs in a page' },
];

function mayImportFile(from: string, target: string): boolean {
  const floor = from.split('/')[0];
  const targetFloor = target.split('/')[0];
  if (targetFloor === floor) return !from.startsWith('preload/contract') || target.startsWith('preload/contract');
  if (targetFloor === 'domain') return true;
  if (targetFloor === 'preload')
    return (floor === 'main' || floor === 'renderer') && target.startsWith('preload/contract');
  // Nothing takes from another process's folder or from the tests; files beside the folders (package.json) are free.
  return (
    floor !== 'domain' &&
    !target.startsWith('..') &&
    !['main', 'renderer', 'worker', 'test'].includes(targetFloor ?? '')
  );
}

function breachOfImport(file: string, specifier: string): string[] {
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(file), specifier));
    return mayImportFile(file, target) ? [] : [`${file} must not import ${target}`];
  }
  const away = homes.filter((home) => home.library.test(specifier) && !home.file.test(file));
  const foreign = librariesOf.filter((rule) => rule.files.test(file) && !rule.libraries.test(specifier));
  return [
    ...away.map((home) => `${file} must not import ${specifier}: its home is ${home.said}`),
    ...foreign.map((rule) => `${file} must not import ${specifier}: its libraries are ${rule.said}`),
  ];
}

// Longest first at each place: comments, strings, regular expressions. Templates stay, for what their ${} holds.
const comment = String.raw`\/\*[^]*?\*\/|\/\/[^\n]*`;
const text = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`;
const expression = String.raw`(?<=(?:^|[(,=:[!&|?{};+*%~]|=>|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/`;
const silent = new RegExp([comment, text, expression].join('|'), 'gm');

const impurities: { pattern: RegExp; said: string }[] = [
  { pattern: /\bDate\.now\b/, said: 'Date.now' },
  { pattern: /\bnew Date\s*(\(\s*\)|(?!\s*\()\b|;)/, said: 'new Date()' },
  { pattern: /(?<!new\s)\bDate\s*\(\s*\)/, said: 'Date()' },
  { pattern: /\bMath\.random\b/, said: 'Math.random' },
  { pattern: /\bprocess\s*(\.|\[)\s*\w/, said: 'process' },
  { pattern: /\bperformance\s*\.\s*now\b/, said: 'performance.now' },
  { pattern: /\bcrypto\s*\.\s*\w/, said: 'crypto' },
  { pattern: /\bglobalThis\b/, said: 'globalThis' },
];

function breachesOfPurity(file: string, source: string): string[] {
  if (!file.startsWith('domain/')) return [];
  const spoken = source.replace(silent, ' ');
  return impurities
    .filter((impurity) => impurity.pattern.test(spoken))
    .map((impurity) => `${file} must not use ${impurity.said}: the domain reads no clock, randomness or environment`);
}

/** What a file (path from the root, `/` as separator) breaks, one sentence each; empty when it keeps the floors. */
export function breachesOf(file: string, source: string): string[] {
  return [
    ...specifiersOf(source).flatMap((specifier) => breachOfImport(file, specifier)),
    ...breachesOfPurity(file, source),
  ];
}
