// Owns reading, out of a recorded history, which versions of the workflow it ran as: by the flows that its activities answered with.
import { dataConverter } from '../../worker/data-converter.ts';
import type { HistoryFile } from './history-files.ts';

/** As the SDK writes a payload as JSON: bytes in base64. */
interface WrittenPayload {
  metadata: Record<string, string>;
  data: string;
}

const [codec] = dataConverter.payloadCodecs ?? [];

/** Every version that a flow in the history names, in order of appearance; none in those from before versions were recorded. */
export async function versionsIn({ history }: Pick<HistoryFile, 'history'>): Promise<string[]> {
  const payloads = payloadsIn(history).map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, bytesOf(text)])),
    data: bytesOf(data),
  }));
  const decoded = (await codec?.decode(payloads)) ?? payloads;
  const texts = decoded.map(({ data }) => Buffer.from(data ?? []).toString());
  // Of the flow alone: other versions are numbers, or ids.
  return [
    ...new Set(
      texts.flatMap((text) => [...text.matchAll(/"version":"(\d+\.\d+\.\d+)"/gu)].map(([, version = '']) => version)),
    ),
  ];
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64');

function payloadsIn(value: unknown): WrittenPayload[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isPayload(value)) return [value];
  return Object.values(value).flatMap(payloadsIn);
}

function isPayload(value: object): value is WrittenPayload {
  return 'data' in value && typeof value.data === 'string' && 'metadata' in value && typeof value.metadata === 'object';
}
