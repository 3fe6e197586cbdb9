// Owns turning an address's path into an answer from the built page's folder: types, policy, nonce. Knows neither http nor Electron.
import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { contentSecurityPolicy, noncePlaceholder, securityHeaders } from './content-policy.ts';

/** A file of the page; `null` stands for "there is no such thing", whatever the reason. */
export type PageFile = { path: string; type: string };

/** Everything that a built page consists of. What is not here is not served. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * The file that a path such as `/assets/index-1a2b.js` names in `root`; `/` is index.html. Pure. A path that leaves the folder, that is
 * escaped wrongly, or whose type is not the page's, names nothing.
 */
export function pageFileOf(root: string, pathname: string): PageFile | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    // A cut percent escape names no file.
    return null;
  }
  if (!path.startsWith('/') || /[\\\0:]/.test(path)) return null;
  const parts = path === '/' ? ['index.html'] : path.slice(1).split('/');
  if (parts.some((part) => part === '' || part.startsWith('.'))) return null;
  const type = types[extname(parts.at(-1) ?? '').toLowerCase()];
  return type === undefined ? null : { path: join(root, ...parts), type };
}

export type PageAnswer = { status: number; headers: Record<string, string>; body: Uint8Array };

/** The answer for a path, with the policy and a nonce of its own. Reads the file; never rejects for a missing one. */
export async function answerPage(root: string, pathname: string): Promise<PageAnswer> {
  const nonce = randomBytes(18).toString('base64');
  const headers = { ...securityHeaders, 'content-security-policy': contentSecurityPolicy(nonce) };
  const file = pageFileOf(root, pathname);
  const content = file && (await contentOf(root, file.path));
  if (!file || !content) {
    const plain = { ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
    return { status: 404, headers: plain, body: Buffer.from('There is nothing at this address.\n') };
  }
  const isPage = file.type.startsWith('text/html');
  const body = isPage ? Buffer.from(content.toString('utf8').replaceAll(noncePlaceholder, nonce)) : content;
  // Built assets carry a hash in their names; the page itself must be asked for each time, for its nonce.
  const caching = isPage ? 'no-store' : 'no-cache';
  return { status: 200, headers: { ...headers, 'content-type': file.type, 'cache-control': caching }, body };
}

/** The content of a file that lies in the folder in truth, links followed; null when it does not. */
async function contentOf(root: string, path: string): Promise<Buffer | null> {
  try {
    const [realRoot, realPath] = await Promise.all([realpath(root), realpath(path)]);
    return realPath.startsWith(realRoot + sep) ? await readFile(realPath) : null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(code)) return null;
    throw error;
  }
}
