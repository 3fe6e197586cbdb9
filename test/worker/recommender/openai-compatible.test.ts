// The model behind an OpenAI-compatible endpoint, against a real HTTP server on loopback: it answers well, badly, slowly, not at all.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openAiCompatible } from '../../../worker/recommender/openai-compatible.ts';
import { RecommenderFault } from '../../../worker/recommender/recommender.ts';
import type { Candidate, RecommendationRequest } from '../../../worker/recommender/recommender.ts';
import { ruleBased } from '../../../worker/recommender/rule-based.ts';
import { withFallback } from '../../../worker/recommender/with-fallback.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Asked {
  method: string | undefined;
  path: string | undefined;
  authorization: string | undefined;
  text: string;
}

/** A server and what it was asked. `answer` may leave a request open: the end closes it. */
async function endpoint(answer: (response: ServerResponse, asked: Asked) => void) {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      const one = { method, path: url, authorization: headers.authorization, text };
      asked.push(one);
      answer(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  ends.push(close);
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${address}/v1`, address, asked, close };
}

/** An answer as such endpoints give it: the model's words inside. */
function saying(content: string) {
  return (response: ServerResponse) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        id: 'x',
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content } }],
      }),
    );
  };
}
const picking = (...keys: string[]) =>
  JSON.stringify({ picks: keys.map((key) => ({ key, reason: `look at ${key}` })) });

function candidate(itemKey: string, ...rules: string[]): Candidate {
  return {
    itemKey,
    failed: rules.map((name) => ({ ruleKey: `range:${name}`, words: `range of ${name}` })),
    body: Object.fromEntries(rules.map((name) => [name, `value of ${itemKey}`])),
  };
}
const request: RecommendationRequest = {
  candidates: [candidate('7', 'A'), candidate('8', 'A', 'B'), candidate('9', 'B')],
  limit: 2,
  attempt: 1,
};
const config = (url: string, key?: string) => ({ url, model: 'small-1', ...(key === undefined ? {} : { key }) });

async function faultOf(answering: Promise<unknown>): Promise<RecommenderFault> {
  const error = await answering.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RecommenderFault)) throw new Error(`no RecommenderFault: ${String(error)}`);
  return error;
}

test('the picks of a good answer count, with the model and the hash of exactly what was sent', async () => {
  const { url, asked } = await endpoint(saying(picking('9', '7')));
  const answer = await openAiCompatible(config(url, 'geheim')).recommend(request);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions', authorization: 'Bearer geheim' });
  const { model, messages } = JSON.parse(asked[0]?.text ?? '') as { model: string; messages: unknown };
  expect(model).toBe('small-1');
  const promptHash = createHash('sha256').update(JSON.stringify(messages)).digest('hex');
  expect(answer).toEqual({
    picks: [
      { itemKey: '9', reason: 'look at 9' },
      { itemKey: '7', reason: 'look at 7' },
    ],
    by: { kind: 'model', model: 'small-1', promptHash },
    fallback: '',
  });
});

test('no more is sent than the candidates: their keys, the rules they fail and the values those are about', async () => {
  const { url, asked } = await endpoint(saying(picking('7')));
  await openAiCompatible(config(url)).recommend(request);
  expect(asked[0]?.authorization).toBeUndefined();
  const sent = JSON.parse(asked[0]?.text ?? '') as { messages: { role: string; content: string }[] };
  expect(Object.keys(sent).sort()).toEqual(['messages', 'model']);
  expect(sent.messages.map((message) => message.role)).toEqual(['system', 'user']);
  expect(JSON.parse(sent.messages[1]?.content ?? '')).toEqual({
    atMost: 2,
    candidates: [
      { key: '7', fails: ['range of A'], values: { A: 'value of 7' } },
      { key: '8', fails: ['range of A', 'range of B'], values: { A: 'value of 8', B: 'value of 8' } },
      { key: '9', fails: ['range of B'], values: { B: 'value of 9' } },
    ],
  });
});

test('JSON between fences is JSON, and an address may end with a slash', async () => {
  const { url, asked } = await endpoint(saying(`\`\`\`json\n${picking('7')}\n\`\`\`\n`));
  const answer = await openAiCompatible(config(`${url}/`)).recommend(request);
  expect(answer.picks).toHaveLength(1);
  expect(asked[0]?.path).toBe('/v1/chat/completions');
});

test.each<[string, (response: ServerResponse) => void, RegExp]>([
  ['a body that is no JSON', (response) => response.end('<html>'), /it is no JSON/],
  ['a body without a message', (response) => response.end('{"choices":[]}'), /it has no message/],
  ['words', saying('I would look at row 7.'), /its message is no JSON/],
  ['words around JSON', saying(`Sure: ${picking('7')}`), /its message is no JSON/],
  ['JSON of another form', saying('["7"]'), /another form/],
  ['a pick without a reason', saying('{"picks":[{"key":"7","reason":" "}]}'), /another form/],
  ['a pick with more than was asked', saying('{"picks":[{"key":"7","reason":"x","sql":"DROP"}]}'), /another form/],
  ['a key that is a number', saying('{"picks":[{"key":7,"reason":"x"}]}'), /another form/],
  ['a row that it was not offered', saying(picking('7', '1')), /picks 1 rows that it was not offered/],
  ['a row twice', saying(picking('7', '7')), /picks a row twice/],
  ['more rows than asked for', saying(picking('7', '8', '9')), /picks 3 rows of at most 2/],
  ['no rows', saying(picking()), /picks nothing/],
  ['megabytes', (response) => response.end('x'.repeat(1_100_000)), /more than 1 MB/],
])('an answer with %s counts for nothing', async (_name, answer, message) => {
  const { url } = await endpoint(answer);
  const fault = await faultOf(openAiCompatible(config(url)).recommend(request));
  expect(fault.kind).toBe('bad-answer');
  expect(fault.message).toMatch(message);
});

test.each([401, 429, 500])(
  'HTTP status %i is told with the address, never with the key or what the body repeats',
  async (status) => {
    const { url, address } = await endpoint((response, asked) => {
      response.statusCode = status;
      response.end(`wrong key ${asked.authorization}`);
    });
    const fault = await faultOf(openAiCompatible(config(url, 'geheim')).recommend(request));
    expect(fault).toMatchObject({
      kind: 'http-status',
      message: expect.stringContaining(`${address} answered`) as string,
    });
    expect(fault.message).toContain(String(status));
    expect(fault.message).not.toContain('geheim');
  },
);

test('a redirect is not followed: what is sent is for the configured address alone', async () => {
  const elsewhere = await endpoint(saying(picking('7')));
  const { url } = await endpoint((response) => {
    response.writeHead(307, { location: `${elsewhere.url}/chat/completions` });
    response.end();
  });
  expect((await faultOf(openAiCompatible(config(url)).recommend(request))).kind).toBe('unreachable');
  expect(elsewhere.asked).toEqual([]);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['says nothing', () => {}],
  [
    'begins and does not end',
    (response) => {
      response.write('{"choices":');
    },
  ],
])('an endpoint that %s is given up after the time it has', async (_name, answer) => {
  const { url } = await endpoint(answer);
  const fault = await faultOf(openAiCompatible(config(url), { timeoutMs: 200 }).recommend(request));
  expect(fault).toMatchObject({
    kind: 'timed-out',
    message: expect.stringMatching(/did not answer within 0.2 s/) as string,
  });
});

test('where nobody listens it says so, without a credential of the address', async () => {
  const { url, address, close } = await endpoint(saying(''));
  await close();
  const closed = await faultOf(openAiCompatible(config(url)).recommend(request));
  expect(closed).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/ECONNREFUSED/) as string });
  expect(closed.message).toContain(address);
  const withUser = await faultOf(openAiCompatible(config(`http://me:geheim@${address}/v1`)).recommend(request));
  expect(withUser.message).not.toContain('geheim');
});

test('a cancelled activity is no fault of the model', async () => {
  const cancelled = new AbortController();
  const { url } = await endpoint(() => cancelled.abort(new Error('the worker stops')));
  const asking = openAiCompatible(config(url)).recommend({ ...request, signal: cancelled.signal });
  await expect(asking).rejects.toThrow('the worker stops');
  await expect(asking).rejects.not.toBeInstanceOf(RecommenderFault);
});

test('a model that fails is asked three times; then the rules take over and say why', async () => {
  const { url, address, asked } = await endpoint((response) => {
    response.statusCode = 503;
    response.end();
  });
  const recommender = withFallback(openAiCompatible(config(url)), ruleBased);
  for (const attempt of [1, 2]) await faultOf(recommender.recommend({ ...request, attempt }));
  const answer = await recommender.recommend({ ...request, attempt: 3 });
  expect(asked).toHaveLength(3);
  expect(answer).toEqual({
    ...(await ruleBased.recommend(request)),
    fallback: `the model did not serve in 3 attempts: the model's endpoint ${address} answered with HTTP status 503`,
  });
  expect(answer.by).toEqual({ kind: 'rules' });
});

test('a model that serves at last needs no fallback, and a fault of ours is not hidden by one', async () => {
  const { url } = await endpoint(saying(picking('7')));
  const served = await withFallback(openAiCompatible(config(url)), ruleBased).recommend({ ...request, attempt: 3 });
  expect(served).toMatchObject({ by: { kind: 'model' }, fallback: '' });
  const broken = { recommend: () => Promise.reject(new TypeError('a bug')) };
  await expect(withFallback(broken, ruleBased).recommend({ ...request, attempt: 3 })).rejects.toThrow('a bug');
});

test('the rules need no network, and recommend the same rows for the same candidates', async () => {
  const answer = await ruleBased.recommend(request);
  expect(answer).toEqual({
    picks: [
      { itemKey: '8', reason: 'fails 2 approved profiling rules: range of A; range of B' },
      { itemKey: '7', reason: 'fails an approved profiling rule: range of A' },
    ],
    by: { kind: 'rules' },
    fallback: '',
  });
  expect(await ruleBased.recommend({ ...request, attempt: 2 })).toEqual(answer);
});
