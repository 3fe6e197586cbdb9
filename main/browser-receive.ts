// Owns taking a file from the page over loopback: checked, streamed into the core, ended when the page goes. Keeps nothing in memory.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure, Result } from '../preload/contract.ts';
import type { Application } from './core/application.ts';
import { isToken, pathOf, whyForeign } from './browser-guard.ts';
import { securityHeaders } from './content-policy.ts';

export interface ReceiveOptions {
  application: Pick<Application, 'receive'>;
  port: number;
  token: string;
}

const statusOf: Readonly<Record<Failure['kind'], number>> = {
  'bad-input': 400,
  'not-found': 404,
  refused: 403,
  'not-saved': 507,
  unavailable: 503,
  cancelled: 499,
  'not-cached': 409,
  unexpected: 500,
};

/** `POST /receive?fileName=…&totalBytes=…&reportId=…` with the token as header; answers with a Result as JSON. */
export async function receiveFile(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiveOptions,
): Promise<void> {
  const answer = (status: number, result: Result<unknown>): void => {
    if (response.destroyed) return;
    response.writeHead(status, { ...securityHeaders, 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(result));
  };
  const failure = (kind: Failure['kind'], message: string, status = statusOf[kind]): void => {
    // What the page still sends is not read any more.
    response.setHeader('connection', 'close');
    answer(status, { ok: false, error: { kind, message } });
  };
  const { host, origin } = request.headers;
  if (request.method !== 'POST') return failure('bad-input', 'files are sent with POST', 405);
  const foreign = whyForeign({ host, origin }, options.port);
  if (foreign) return failure('refused', foreign);
  const token = request.headers['x-countersign-token'];
  if (!isToken(typeof token === 'string' ? token : undefined, options.token)) {
    return failure('refused', 'this page was not opened by the application: open the address it shows', 401);
  }
  const meta = metaOf(request);
  if (typeof meta === 'string') return failure('bad-input', meta);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const result = await options.application.receive(meta, request, gone.signal);
  answer(result.ok ? 200 : statusOf[result.error.kind], result);
}

function metaOf(request: IncomingMessage): { fileName: string; totalBytes: number | null; reportId: string } | string {
  const query = pathOf(request.url).query;
  const fileName = query.get('fileName') ?? '';
  const reportId = query.get('reportId') ?? '';
  if (fileName === '' || fileName.length > 1_000) return 'fileName is missing or longer than 1,000 characters';
  if (reportId === '' || reportId.length > 200) return 'reportId is missing';
  const told = query.get('totalBytes') ?? request.headers['content-length'];
  const totalBytes = told === undefined ? null : Number(told);
  if (totalBytes !== null && !(Number.isSafeInteger(totalBytes) && totalBytes >= 0))
    return 'totalBytes is no number of bytes';
  return { fileName, totalBytes, reportId };
}
