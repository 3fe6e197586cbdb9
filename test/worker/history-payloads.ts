// Owns the walk through histories: every payload of every event, unpacked, with where it stands. Knows no workflow.
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { dataConverter } from '../../worker/data-converter.ts';

export interface HistoryPayload {
  eventId: number;
  /** The event's attributes and the path in them: `workflowExecutionSignaledEventAttributes.input.payloads.0`. */
  path: string;
  /** The signal, activity or marker that it belongs to, where the event names one. */
  name: string;
  /** As it travels and is kept: packed from 1 KB on. */
  bytes: number;
  /** Unpacked. */
  text: string;
}

type Payload = { metadata?: Record<string, Uint8Array> | null; data: Uint8Array };

/** Every payload of a history, in order. */
export async function payloadsOf(history: History): Promise<HistoryPayload[]> {
  const found: HistoryPayload[] = [];
  for (const event of history.events ?? []) {
    const eventId = Number(event.eventId);
    for (const { path, payload } of payloadsIn(event, '')) {
      const [plain] = (await dataConverter.payloadCodecs?.[0]?.decode([payload])) ?? [payload];
      const text = Buffer.from(plain?.data ?? []).toString('utf8');
      found.push({ eventId, path, name: nameOf(event), bytes: payload.data.length, text });
    }
  }
  return found;
}

function payloadsIn(value: unknown, path: string): { path: string; payload: Payload }[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { data } = value as { data?: unknown };
  if (data instanceof Uint8Array) return [{ path, payload: value as Payload }];
  return Object.entries(value).flatMap(([key, part]) => payloadsIn(part, path === '' ? key : `${path}.${key}`));
}

/** Messages of protobuf: what an event names stands in its one set of attributes. */
function nameOf(event: object): string {
  const names = Object.values(event)
    .filter((value): value is object => typeof value === 'object' && value !== null)
    .map((attributes) => attributes as { signalName?: string; markerName?: string; activityType?: { name?: string } })
    .map(({ signalName, markerName, activityType }) => signalName ?? markerName ?? activityType?.name ?? '');
  return names.find((name) => name !== '') ?? '';
}
