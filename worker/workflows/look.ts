// Owns reading the store anew for an engine: the flow, and work that was asked for and is not done. Knows no handler.
import type { Alert } from '../../domain/report-progress.ts';
import { local } from './activity-proxies.ts';
import { addWork, take, takeUp } from './flow-engine.ts';
import type { Engine } from './flow-engine.ts';
import { untilStoreAnswers } from './store-tries.ts';

/** Reads the store until it answers. What a lane changed itself is news for its report, whose flow shows all lanes. */
export async function look(engine: Engine, reportId: string): Promise<void> {
  // Cleared before: what comes in while the store is read makes it be read once more.
  engine.look = false;
  const known = engine.flow?.revision ?? null;
  const read = await untilRead(engine, () => local.readFlow(reportId, engine.lob, known));
  take(engine, read.flow);
  takeUp(engine, read.unfinished);
  shareNews(engine);
  engine.turn = true;
}

/** A job may have ended while the store was read, so what it changed is in this reading or in the next. */
function shareNews(engine: Engine): void {
  const revision = engine.flow?.revision ?? null;
  const isNews = engine.worked && engine.shared !== null && revision !== engine.shared;
  if (isNews && engine.lob !== null) addWork(engine, { kind: 'tell', lob: null });
  engine.shared = revision;
  if (!engine.look) engine.worked = false;
}

/** Calls the store until it answers; that it fails is shown meanwhile. */
export async function untilRead<Answer>(engine: Engine, read: () => Promise<Answer>): Promise<Answer> {
  const answer = await untilStoreAnswers(read, (message) =>
    engine.failing.set('store', { kind: 'apply-failing', message, at: new Date().toISOString() }),
  );
  engine.failing.delete('store');
  return answer;
}

const alertsKept = 20;

/** The alerts with one more; the same words count once, with their latest time. */
export function withAlert(alerts: readonly Alert[], kind: Alert['kind'], message: string): Alert[] {
  const others = alerts.filter((entry) => entry.kind !== kind || entry.message !== message);
  return [...others, { kind, message, at: new Date().toISOString() }].slice(-alertsKept);
}
